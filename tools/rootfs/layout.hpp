// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Which partitions the running system's root and boot files lie on.
#pragma once

#include <cstdint>
#include <string>

#include "hsm4/identity.hpp"
#include "tools/enroll/problem.hpp"

namespace hsm4::rootfs {

using enroll::Done;
using enroll::done;
using enroll::Outcome;
using enroll::Problem;

struct Partition {
    std::string node;   ///< /dev/mmcblk0p2
    std::string disk;   ///< mmcblk0
    std::string mount;  ///< where it is mounted
    std::string type;   ///< the file system's, as the kernel names it
    unsigned number = 0;
    std::uint64_t size = 0;  ///< bytes
};

struct Layout {
    Partition root;
    Partition boot;
};

/// By the numbers of the mounted devices, never by their names: "/dev/root" is no device. A Problem
/// with the reason unless the root is an ext4 partition of its own, and the boot files lie on a FAT
/// partition (/boot/firmware, else /boot).
Outcome<Layout> find_layout(const Machine& machine);

}  // namespace hsm4::rootfs
