// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Record, command line, clearing.
#include "tools/rootfs/migrate/finish.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hsm4/files.hpp"
#include "tools/rootfs/clearing.hpp"
#include "tools/rootfs/migrate/move.hpp"
#include "tools/rootfs/prepare.hpp"
#include "tools/rootfs/progress.hpp"
#include "tools/rootfs/system_files.hpp"

namespace hsm4::rootfs {

Done confirm_move(const Order& order) {
    auto move = move_of(order.directory());
    if (!move) return move.error();
    if (!*move || (*move)->stage == MoveStage::moved) return done();
    if (Done ready = make_room_in_command_line(order.boot_mount, order); !ready) return ready;
    if (Done changed = change_command_line(order.boot_mount, order); !changed) return changed;
    return store_move(order.directory(), {MoveStage::moved, 0, {}});
}

Done erase_old_root(const Order& order) {
    const std::string device = "/dev/disk/by-partuuid/" + order.root;
    const Descriptor alone{::open(device.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC)};
    if (!alone)
        return Problem{"the old root, " + device + ", is not erased: " + std::strerror(errno)};
    const SystemClock clock;
    ProgressPrinter printer{"erasing the old root", clock, progress_path, say};
    return clear_from(device, 0, [&](std::uint64_t cleared, std::uint64_t all) {
        printer.show(cleared, all);
        return true;
    });
}

}  // namespace hsm4::rootfs
