// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A stage, and what belongs to it, in a durable record.
#include "tools/rootfs/migrate/move.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "tools/fault_point.hpp"
#include "tools/rootfs/durable_record.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::array stages{MoveStage::abandoned, MoveStage::copying, MoveStage::trying,
                            MoveStage::moved};

DurableRecord record_in(const std::string& directory) { return {directory, "state"}; }

std::optional<Move> parsed(const std::string& content) {
    const std::size_t end = std::min(content.find('\n'), content.size());
    const std::string name = content.substr(0, end);
    const std::string rest = end == content.size() ? "" : content.substr(end + 1);
    const auto* stage =
        std::ranges::find_if(stages, [&](MoveStage one) { return name == name_of(one); });
    if (stage == stages.end()) return std::nullopt;
    Move move{*stage, 0, {}};
    if (move.stage == MoveStage::abandoned) move.reason = rest;
    if (move.stage != MoveStage::trying) return move;
    const auto [last, failed] =
        std::from_chars(rest.data(), rest.data() + rest.size(), move.attempts);
    if (failed != std::errc{} || last != rest.data() + rest.size()) return std::nullopt;
    return move;
}

}  // namespace

const char* name_of(MoveStage stage) noexcept {
    switch (stage) {
        case MoveStage::abandoned: return "abandoned";
        case MoveStage::copying: return "copying";
        case MoveStage::trying: return "trying";
        case MoveStage::moved: return "moved";
    }
    return "";
}

Outcome<std::optional<Move>> move_of(const std::string& directory) {
    auto content = record_in(directory).load();
    if (!content) return Problem{content.error()};
    if (!*content) return std::optional<Move>{};
    auto move = parsed(**content);
    if (!move) return Problem{"the move in " + directory + " was begun by another version"};
    return move;
}

Done store_move(const std::string& directory, const Move& move) {
    fault_point();
    std::string content = name_of(move.stage);
    if (move.stage == MoveStage::trying) content += '\n' + std::to_string(move.attempts);
    if (move.stage == MoveStage::abandoned)
        content += '\n' + move.reason.substr(0, DurableRecord::longest / 2);
    Status stored = record_in(directory).store(content);
    return stored ? done() : Done{Problem{stored.error()}};
}

}  // namespace hsm4::rootfs
