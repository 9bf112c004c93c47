// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The conversion's part in the initramfs.
#include "tools/rootfs/at_boot.hpp"

#include <chrono>
#include <cstdio>
#include <optional>

#include "tools/enroll/key_file.hpp"
#include "tools/rootfs/boot_steps.hpp"
#include "tools/rootfs/fsck.hpp"
#include "tools/rootfs/migrate/at_boot.hpp"
#include "tools/rootfs/mount.hpp"
#include "tools/rootfs/opener.hpp"
#include "tools/rootfs/phase.hpp"
#include "tools/rootfs/progress.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace {

constexpr const char* mount_point = "/run/hsm4-rootfs/boot-medium";

struct Machine {
    PhaseOrder phase;
    Mounted boot;
};

Outcome<Machine> prepare(const Order& order) {
    auto root = wait_for_partition(order.root);
    if (!root) return root.error();
    auto boot = wait_for_partition(order.boot);
    if (!boot) return boot.error();
    auto mounted = Mounted::mount(*boot, mount_point, "vfat");
    if (!mounted) return mounted.error();
    PhaseOrder phase{*root, mounted->point(), mounted->point() + '/' + boot_directory, order,
                     check_real_header};
    return Machine{std::move(phase), std::move(*mounted)};
}

Outcome<Key> find_key(const PhaseOrder& phase, const std::string& key_file) {
    const std::string finished = phase.directory + "/finished";
    if (key_file.empty()) return key_from_module(phase.device, finished);
    auto typed = enroll::read_key_file(key_file);
    if (!typed) return typed.error();
    return key_from_person(phase.device, finished, std::move(*typed));
}

Watcher printing_watcher(const PhaseOrder& phase, ProgressPrinter& encrypting,
                         ProgressPrinter& clearing) {
    Watcher watcher;
    watcher.entered = [&](Stage stage) { tell(phase.directory, std::string{name_of(stage)}); };
    watcher.shrunk = [&](std::uint64_t size) {
        tell(phase.directory, "the file system has " + in_units(size));
    };
    watcher.encrypted = [&](std::uint64_t done, std::uint64_t all) {
        encrypting.show(done, all);
        return true;
    };
    watcher.cleared = [&](std::uint64_t done, std::uint64_t all) {
        clearing.show(done, all);
        return true;
    };
    return watcher;
}

/// Nothing but a smaller file system has come of it yet, and may never.
int stay_plain(const PhaseOrder& phase, const std::string& reason) {
    if (Done sound = settle(phase); !sound) {
        tell(phase.directory, sound.error().text);
        return enroll::exit_refused;
    }
    tell(phase.directory, reason);
    tell(phase.directory, "nothing is encrypted yet; the system boots as before");
    return enroll::exit_done;
}

int convert_now(const PhaseOrder& phase, const Key& key) {
    const SystemClock clock;
    ProgressPrinter encrypting{"encrypting", clock, progress_path, print_at_boot};
    ProgressPrinter clearing{"clearing what is not in use", clock, progress_path, print_at_boot};
    tell(phase.directory,
         "the root file system is being encrypted; do not switch off (it would go on afterwards)");
    show_on_led(true);
    Done went = go_through(phase, key.opener(), printing_watcher(phase, encrypting, clearing));
    show_on_led(false);
    if (!went) {
        tell(phase.directory, went.error().text);
        auto standing = standing_of(phase.directory);
        const bool plain = standing && *standing && (*standing)->stage == Stage::abandoned;
        if (plain) tell(phase.directory, "nothing is encrypted; the system boots as before");
        return plain ? enroll::exit_done : enroll::exit_refused;
    }
    if (Done chosen = choose_root(phase.order.mapping()); !chosen) {
        tell(phase.directory, chosen.error().text);
        return enroll::exit_refused;
    }
    tell(phase.directory, "the root file system is encrypted");
    return enroll::exit_done;
}

int go_on(const PhaseOrder& phase, const Standing& standing, const std::string& key_file) {
    if (standing.stage == Stage::abandoned) {
        tell("the root stays plain, its encryption was given up: " + standing.reason);
        return enroll::exit_done;
    }
    if (standing.stage == Stage::encrypted) {
        const Done chosen = choose_root(phase.order.mapping());
        return chosen ? enroll::exit_done : enroll::exit_refused;
    }
    auto key = find_key(phase, key_file);
    if (key) return convert_now(phase, *key);
    if (standing.stage == Stage::shrinking) return stay_plain(phase, key.error().text);
    tell(phase.directory, key.error().text);
    return exit_recovery_key_needed;
}

int refuse(const Problem& problem) {
    tell(problem.text);
    return enroll::exit_refused;
}

/// A root that is half merged must not be mounted, even when the record of that is lost.
int stay_plain_without_record(const PhaseOrder& phase) {
    if (Done usable = is_usable(phase.device); !usable)
        return refuse(
            Problem{"the root file system is damaged, and there is no record of a conversion in " +
                    phase.directory + ": " + usable.error().text});
    tell("no conversion was begun: there is no record of one in " + phase.directory);
    return enroll::exit_done;
}

/// What a root is without a record: one that was never begun, unless the disk shows otherwise.
int without_record(const PhaseOrder& phase) {
    auto state = encryption_state(phase.device);
    if (!state) return refuse(state.error());
    switch (*state) {
        case EncryptionState::none: return stay_plain_without_record(phase);
        case EncryptionState::pending:
            return refuse(
                Problem{"the root is half encrypted, but there is no record of how far in " +
                        phase.directory});
        case EncryptionState::complete: break;
    }
    tell("the root is encrypted, but there is no record of it in " + phase.directory);
    const Done chosen = choose_root(phase.order.mapping());
    return chosen ? enroll::exit_done : refuse(chosen.error());
}

/// The exit code; nothing when no record was found, and `last` is false.
std::optional<int> try_to_go_on(const Order& order, const std::string& key_file, bool last) {
    auto machine = prepare(order);
    if (!machine) return refuse(machine.error());
    auto standing = standing_of(machine->phase.directory);
    if (!standing) return refuse(standing.error());
    std::optional<int> code;
    if (*standing) {
        code = go_on(machine->phase, **standing, key_file);
    } else if (last) {
        code = without_record(machine->phase);
    }
    if (Done unmounted = machine->boot.unmount(); !unmounted) tell(unmounted.error().text);
    return code;
}

}  // namespace

int resume_at_boot(const std::string& key_file) {
    constexpr int attempts = 3;
    constexpr std::chrono::seconds pause{2};
    auto order = load_order();
    if (!order) return refuse(order.error());
    if (order->moves()) return move_at_boot(*order, key_file);
    // A root that is half merged must not be mounted, so that no record is found must be certain.
    SystemClock clock;
    for (int attempt = 1;; ++attempt) {
        if (auto code = try_to_go_on(*order, key_file, attempt == attempts)) return *code;
        tell("no record of the conversion is found on the boot partition; looking again");
        clock.sleep(pause);
    }
}

}  // namespace hsm4::rootfs
