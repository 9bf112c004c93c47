// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// resize2fs, which sees that it is mounted.
#include "tools/rootfs/growing_back.hpp"

#include <sys/stat.h>

#include "tools/rootfs/command.hpp"
#include "tools/rootfs/superblock.hpp"

namespace hsm4::rootfs {

Done grow_back(const Order& order) {
    const std::string partition = "/dev/disk/by-partuuid/" + order.root;
    struct stat root = {};
    struct stat device = {};
    if (::stat("/", &root) != 0 || ::stat(partition.c_str(), &device) != 0 ||
        root.st_dev != device.st_rdev)
        return done();
    auto now = read_ext4(partition);
    if (!now) return now.error();
    if (now->size() >= order.file_system) return done();
    return run_quietly({"resize2fs", partition, std::to_string(order.file_system >> 10U) + 'K'});
}

}  // namespace hsm4::rootfs
