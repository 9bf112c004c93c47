// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Spoiling blocks.
#include "tools/emulator/faults.hpp"

#include <array>
#include <utility>

#include "hsm4/wire/t1.hpp"

namespace hsm4::emulator {

namespace t1 = wire::t1;

namespace {

constexpr std::chrono::milliseconds delay{150};

constexpr std::array kinds{
    std::pair{std::string_view{"none"}, Faults::Kind::none},
    std::pair{std::string_view{"drop"}, Faults::Kind::drop},
    std::pair{std::string_view{"corrupt"}, Faults::Kind::corrupt},
    std::pair{std::string_view{"nak"}, Faults::Kind::nak},
    std::pair{std::string_view{"delay"}, Faults::Kind::delay},
    std::pair{std::string_view{"wtx"}, Faults::Kind::wtx},
};

bool grants_time(View block) {
    auto decoded = t1::decode(block);
    return decoded && decoded->pcb == t1::response_pcb(t1::Service::wtx);
}

std::optional<Bytes> ask_for_time() {
    auto frame =
        t1::encode({t1::nad_module, t1::request_pcb(t1::Service::wtx), Bytes{std::byte{1}}});
    if (!frame) return std::nullopt;
    return std::move(*frame);
}

}  // namespace

std::optional<Faults::Kind> Faults::parse(std::string_view text) noexcept {
    for (const auto& [name, kind] : kinds)
        if (name == text) return kind;
    return std::nullopt;
}

void Faults::plan(Kind kind, std::uint32_t count) noexcept {
    kind_ = kind;
    left_ = count;
}

Faults::Kind Faults::take() noexcept {
    if (left_ == 0) return Kind::none;
    --left_;
    return kind_;
}

bool Faults::take_nak() noexcept { return kind_ == Kind::nak && take() == Kind::nak; }

std::optional<Bytes> Faults::pass(View block, Clock& clock, const Module& module) {
    if (held_ && grants_time(block)) return std::exchange(held_, std::nullopt);
    held_.reset();
    const Kind kind = take();
    if (kind == Kind::drop || kind == Kind::nak) return std::nullopt;
    if (kind == Kind::delay) clock.sleep(delay);
    auto answer = module(block);
    if (!answer) return answer;
    if (kind == Kind::corrupt) answer->back() ^= std::byte{1};
    if (kind == Kind::wtx) {
        held_ = std::move(answer);
        return ask_for_time();
    }
    return answer;
}

}  // namespace hsm4::emulator
