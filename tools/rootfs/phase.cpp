// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Stages in their order.
#include "tools/rootfs/phase.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "tools/fault_point.hpp"
#include "tools/rootfs/clearing.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/install.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/shrink.hpp"

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
    return {phase.device, phase.directory + "/store", phase.order.shrunk};
}

class Phase {
public:
    Phase(const PhaseOrder& phase, const Opener& opener, const Watcher& watcher)
        : phase_{phase},
          opener_{opener},
          watcher_{watcher},
          header_{phase.directory + "/header"},
          finished_{phase.directory + "/finished"} {}

    Done perform(Stage stage) const {
        const Order& order = phase_.order;
        switch (stage) {
            case Stage::abandoned: return done();
            case Stage::shrinking: return shrink_it();
            case Stage::moving: return move_it();
            case Stage::heading: return restore_header(header_, phase_.device);
            case Stage::encrypting: return encrypt_it();
            case Stage::clearing:
                return clear_from(phase_.device, header_size + order.encrypted, watcher_.cleared);
            case Stage::installing: return install_it();
            case Stage::encrypted: return done();
        }
        return done();
    }

private:
    Done shrink_it() const {
        DurableRecord steps = shrink_record(phase_.directory);
        Done shrunk = shrink(shrink_order(phase_), steps, watcher_.shrunk);
        if (shrunk) return shrunk;
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

    /// From a fresh header each time: one that says "moved" may be on the disk before what it
    /// speaks of is.
    Done move_it() const {
        if (Done copied = copy_durably(finished_, header_); !copied) return copied;
        return begin_encryption(header_, phase_.device, opener_, phase_.order.encrypted);
    }

    Done encrypt_it() const {
        auto copy = encryption_state(header_);
        if (!copy) return copy.error();
        if (*copy != EncryptionState::none)
            if (Done gone = make_blank_file(header_, header_size); !gone) return gone;
        return run_encryption(phase_.device, opener_, phase_.order.encrypted, finished_,
                              watcher_.encrypted);
    }

    Done install_it() const {
        if (Done ours = phase_.check_header(phase_.device); !ours) return ours;
        return install({phase_.device, phase_.boot, phase_.order}, opener_);
    }

    const PhaseOrder& phase_;
    const Opener& opener_;
    const Watcher& watcher_;
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
        Standing{*stage, end == std::string::npos ? "" : (*content)->substr(end + 1)}};
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
    const Phase acts{phase, opener, watcher};
    const Stage first = (*begun)->stage;
    for (const Stage stage : stages) {
        if (stage < first) continue;
        Done stored = stage == first ? done() : record(phase.directory, name_of(stage));
        if (!stored) return stored;
        if (watcher.entered) watcher.entered(stage);
        if (stage == Stage::abandoned) return done();
        if (Done performed = acts.perform(stage); !performed) return performed;
    }
    return done();
}

}  // namespace hsm4::rootfs
