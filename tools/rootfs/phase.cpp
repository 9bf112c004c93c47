// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Stages in their order.
#include "tools/rootfs/phase.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "tools/fault_point.hpp"
#include "tools/rootfs/clearing.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/install.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/shrink.hpp"
#include "tools/rootfs/superblock.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::array stages{Stage::abandoned,  Stage::shrinking,  Stage::moving,
                            Stage::heading,    Stage::encrypting, Stage::clearing,
                            Stage::installing, Stage::encrypted};

std::optional<Stage> stage_named(std::string_view name) {
    for (const Stage stage : stages)
        if (name == name_of(stage)) return stage;
    return std::nullopt;
}

Done record(const std::string& directory, const std::string& content) {
    fault_point();
    Status stored = DurableRecord{directory, "state"}.store(content);
    return stored ? done() : Done{Problem{stored.error()}};
}

DurableRecord shrink_record(const std::string& directory) { return {directory, "shrink"}; }

ShrinkOrder shrink_order(const PhaseOrder& phase) {
    ShrinkOrder order{phase.device, phase.directory + "/store", phase.order.shrunk};
    order.enough = phase.order.partition - header_size - data_shift;
    return order;
}

std::string text_of(Stage stage, std::uint64_t encrypted) {
    return name_of(stage) + ('\n' + std::to_string(encrypted));
}

Standing standing_from(Stage stage, const std::string& rest) {
    Standing standing{stage, {}, 0};
    if (stage == Stage::abandoned) {
        standing.reason = rest;
    } else {
        std::from_chars(rest.data(), rest.data() + rest.size(), standing.encrypted);
    }
    return standing;
}

class Phase {
public:
    Phase(const PhaseOrder& phase, const Opener& opener, const Watcher& watcher,
          std::uint64_t encrypted)
        : phase_{phase},
          opener_{opener},
          watcher_{watcher},
          encrypted_{encrypted != 0 ? encrypted : phase.order.encrypted},
          header_{phase.directory + "/header"},
          finished_{phase.directory + "/finished"} {}

    /// Bytes; known for certain once the file system has shrunk.
    std::uint64_t encrypted() const noexcept { return encrypted_; }

    Done perform(Stage stage) {
        switch (stage) {
            case Stage::abandoned: return done();
            case Stage::shrinking: return shrink_it();
            case Stage::moving: return move_it();
            case Stage::heading: return restore_header(header_, phase_.device);
            case Stage::encrypting: return encrypt_it();
            case Stage::clearing:
                return clear_from(phase_.device, header_size + encrypted_, watcher_.cleared);
            case Stage::installing: return install_it();
            case Stage::encrypted: return done();
        }
        return done();
    }

private:
    Done shrink_it() {
        DurableRecord steps = shrink_record(phase_.directory);
        Done shrunk = shrink(shrink_order(phase_), steps, watcher_.shrunk);
        if (shrunk) return measure();
        auto merging = is_merging(steps);
        if (!merging || *merging) return shrunk;
        std::string reason = shrunk.error().text;
        reason.resize(std::min<std::size_t>(reason.size(), DurableRecord::longest / 2));
        if (Done kept =
                record(phase_.directory, std::string{name_of(Stage::abandoned)} + '\n' + reason);
            !kept)
            return kept;
        return shrunk;
    }

    /// resize2fs may have left more than it was asked for.
    Done measure() {
        auto now = read_ext4(phase_.device);
        if (!now) return now.error();
        encrypted_ = std::max(encrypted_, (now->size() + mebibyte - 1) / mebibyte * mebibyte);
        return done();
    }

    /// From a fresh header each time: one that says "moved" may be on the disk before what it
    /// speaks of is.
    Done move_it() const {
        if (Done copied = copy_durably(finished_, header_); !copied) return copied;
        return begin_encryption(header_, phase_.device, opener_, encrypted_);
    }

    Done encrypt_it() const {
        auto copy = encryption_state(header_);
        if (!copy) return copy.error();
        if (*copy != EncryptionState::none)
            if (Done gone = make_blank_file(header_, header_size); !gone) return gone;
        return run_encryption(phase_.device, opener_, encrypted_, finished_, watcher_.encrypted);
    }

    Done install_it() const {
        if (Done ours = phase_.check_header(phase_.device); !ours) return ours;
        return install({phase_.device, phase_.boot, phase_.order}, opener_);
    }

    const PhaseOrder& phase_;
    const Opener& opener_;
    const Watcher& watcher_;
    std::uint64_t encrypted_;
    std::string header_;
    std::string finished_;
};

}  // namespace

const char* name_of(Stage stage) noexcept {
    switch (stage) {
        case Stage::abandoned: return "abandoned";
        case Stage::shrinking: return "shrinking";
        case Stage::moving: return "moving";
        case Stage::heading: return "heading";
        case Stage::encrypting: return "encrypting";
        case Stage::clearing: return "clearing";
        case Stage::installing: return "installing";
        case Stage::encrypted: return "encrypted";
    }
    return "";
}

Outcome<std::optional<Standing>> standing_of(const std::string& directory) {
    auto content = DurableRecord{directory, "state"}.load();
    if (!content) return Problem{content.error()};
    if (!*content) return std::optional<Standing>{};
    const std::size_t end = (*content)->find('\n');
    const auto stage = stage_named((*content)->substr(0, end));
    if (!stage) return Problem{"the conversion in " + directory + " was begun by another version"};
    return std::optional{
        standing_from(*stage, end == std::string::npos ? "" : (*content)->substr(end + 1))};
}

Done arm(const std::string& directory) {
    DurableRecord steps = shrink_record(directory);
    if (Done ready = begin_record(steps); !ready) return ready;
    return record(directory, name_of(Stage::shrinking));
}

Done settle(const PhaseOrder& phase) {
    DurableRecord steps = shrink_record(phase.directory);
    return finish_merge(shrink_order(phase), steps);
}

Done go_through(const PhaseOrder& phase, const Opener& opener, const Watcher& watcher) {
    auto begun = standing_of(phase.directory);
    if (!begun) return begun.error();
    if (!*begun) return Problem{"no conversion was begun in " + phase.directory};
    const Stage first = (*begun)->stage;
    Phase acts{phase, opener, watcher, (*begun)->encrypted};
    for (const Stage stage : stages) {
        if (stage < first) continue;
        Done stored =
            stage == first ? done() : record(phase.directory, text_of(stage, acts.encrypted()));
        if (!stored) return stored;
        if (watcher.entered) watcher.entered(stage);
        if (stage == Stage::abandoned) return done();
        if (Done performed = acts.perform(stage); !performed) return performed;
    }
    return done();
}

}  // namespace hsm4::rootfs
