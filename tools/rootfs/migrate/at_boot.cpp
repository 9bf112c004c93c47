// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
//   copying   opened by the module: last pass, comparison, fstab and crypttab of the copy -> trying
//             anything else: the old root boots, and nothing has changed
//   trying    opened by the module, for the first or second time: the new root boots
//             anything else: abandoned, the old root boots
//   moved     the new root boots, by the recovery key if need be
#include "tools/rootfs/migrate/at_boot.hpp"

#include <unistd.h>

#include <fstream>

#include "tools/enroll/key_file.hpp"
#include "tools/rootfs/at_boot.hpp"
#include "tools/rootfs/boot_steps.hpp"
#include "tools/rootfs/migrate/copy.hpp"
#include "tools/rootfs/migrate/move.hpp"
#include "tools/rootfs/mount.hpp"
#include "tools/rootfs/new_volume.hpp"
#include "tools/rootfs/opener.hpp"
#include "tools/rootfs/progress.hpp"
#include "tools/rootfs/system_files.hpp"

namespace hsm4::rootfs {

namespace {

constexpr const char* boot_point = "/run/hsm4-rootfs/boot-medium";
constexpr const char* old_point = "/run/hsm4-rootfs/old-root";
constexpr const char* new_point = "/run/hsm4-rootfs/new-root";

/// What is read afterwards comes from the disks.
void forget_caches() {
    ::sync();
    std::ofstream{"/proc/sys/vm/drop_caches"} << '3' << std::endl;
}

class MoveAtBoot {
public:
    MoveAtBoot(const Order& order, std::string directory)
        : order_{order}, directory_{std::move(directory)} {}

    int go_on(const Move& move, const std::string& key_file);

private:
    Outcome<Mapping> open(const std::string& key_file) const;
    Done copy(const Mapping& mapping) const;
    int finish_copy();
    int try_new_root(unsigned attempt, Mapping mapping);
    int stay(const std::string& reason, bool for_good);
    int boot_new_root(Mapping mapping);

    const Order& order_;
    std::string directory_;
};

/// By the module, whose answer is waited for as hsm4.conf says, or by the recovery key. The header
/// must be the one that hsm4.conf pins.
Outcome<Mapping> MoveAtBoot::open(const std::string& key_file) const {
    auto device = wait_for_partition(order_.target);
    if (!device) return device.error();
    if (Done ours = check_real_header(*device); !ours) return ours.error();
    if (key_file.empty()) return Mapping::by_token(*device, order_.name);
    auto typed = enroll::read_key_file(key_file);
    if (!typed) return typed.error();
    return Mapping::by_passphrase(*device, typed->view(), order_.name);
}

Done MoveAtBoot::copy(const Mapping& mapping) const {
    auto device = wait_for_partition(order_.root);
    if (!device) return device.error();
    // The journal is replayed, which changes no file.
    auto from = Mounted::mount(*device, old_point, "ext4", Mounted::usual | MS_RDONLY);
    if (!from) return from.error();
    auto to = Mounted::mount(mapping.node(), new_point, "ext4");
    if (!to) return to.error();
    tell(directory_, "copying what has changed");
    const SystemClock clock;
    ProgressPrinter printer{"copying", clock, progress_path, print_at_boot};
    const auto show = [&](std::uint64_t copied, std::uint64_t all) {
        printer.show(copied, all);
        return true;
    };
    if (Done copied = copy_tree(from->point(), to->point(), true, show); !copied) return copied;
    tell(directory_, "comparing every file");
    forget_caches();
    if (Done same = compare_trees(from->point(), to->point()); !same) return same;
    if (Done changed = change_root_files(to->point(), order_); !changed) return changed;
    if (Done gone = from->unmount(); !gone) return gone;
    return to->unmount();
}

/// The old root boots. `for_good`: the new one is not tried again by itself.
int MoveAtBoot::stay(const std::string& reason, bool for_good) {
    tell(directory_, reason);
    if (for_good)
        if (Done stored = store_move(directory_, {MoveStage::abandoned, 0, reason}); !stored)
            tell(stored.error().text);
    tell(directory_, "the system boots from the old root, where nothing has changed");
    return enroll::exit_done;
}

int MoveAtBoot::boot_new_root(Mapping mapping) {
    if (Done chosen = choose_root(mapping.node()); !chosen) return stay(chosen.error().text, false);
    mapping.keep();
    return enroll::exit_done;
}

int MoveAtBoot::try_new_root(unsigned attempt, Mapping mapping) {
    if (Done stored = store_move(directory_, {MoveStage::trying, attempt, {}}); !stored)
        return stay(stored.error().text, false);
    tell(directory_, "booting from the new root");
    return boot_new_root(std::move(mapping));
}

int MoveAtBoot::finish_copy() {
    auto mapping = open({});
    if (!mapping) return stay(mapping.error().text + "; the move goes on at another boot", false);
    show_on_led(true);
    Done copied = copy(*mapping);
    show_on_led(false);
    if (!copied) return stay(copied.error().text, true);
    return try_new_root(1, std::move(*mapping));
}

int MoveAtBoot::go_on(const Move& move, const std::string& key_file) {
    if (move.stage == MoveStage::abandoned) return enroll::exit_done;
    if (move.stage == MoveStage::copying) return finish_copy();
    if (move.stage == MoveStage::trying && move.attempts >= most_attempts)
        return stay("the new root did not come up", true);
    auto mapping = open(key_file);
    if (mapping && move.stage == MoveStage::trying)
        return try_new_root(move.attempts + 1, std::move(*mapping));
    if (mapping) return boot_new_root(std::move(*mapping));
    if (move.stage == MoveStage::trying) return stay(mapping.error().text, true);
    tell(directory_, mapping.error().text);
    return exit_recovery_key_needed;
}

}  // namespace

int move_at_boot(const Order& order, const std::string& key_file) {
    auto device = wait_for_partition(order.boot);
    if (!device) {
        tell(device.error().text);
        return enroll::exit_refused;
    }
    auto boot = Mounted::mount(*device, boot_point, "vfat");
    if (!boot) {
        tell(boot.error().text);
        return enroll::exit_refused;
    }
    const std::string directory = boot->point() + '/' + boot_directory;
    auto move = move_of(directory);
    int code = enroll::exit_done;
    if (!move) {
        tell(move.error().text);
        code = enroll::exit_refused;
    } else if (*move) {
        code = MoveAtBoot{order, directory}.go_on(**move, key_file);
    }
    if (Done unmounted = boot->unmount(); !unmounted) tell(unmounted.error().text);
    return code;
}

}  // namespace hsm4::rootfs
