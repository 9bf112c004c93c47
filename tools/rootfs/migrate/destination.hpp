// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Where the root moves to: a partition of another disk.
#pragma once

#include <cstdint>
#include <string>

#include "tools/rootfs/provision/target.hpp"

namespace hsm4::rootfs {

struct Destination {
    Target disk;
    unsigned number = 1;
    std::string node;        ///< of the partition, which may be yet to be made
    bool is_new = false;     ///< the disk has no partition table, and gets one
    std::uint64_t size = 0;  ///< bytes of the partition; of a new one, at least so many
    std::string content;     ///< what is known to be on it, and will be lost; empty when nothing is
};

struct DestinationRequest {
    std::string disk;          ///< the whole disk's node
    unsigned number = 1;       ///< of its partition
    std::uint64_t needed = 0;  ///< bytes that the volume must have
};

/// Reads only. A Problem when the disk is in use or the running system's own, has a partition table
/// but not that partition, or is too small.
Outcome<Destination> examine_destination(const DestinationRequest& request,
                                         const Machine& machine = {});

/// Gives a disk (or an image of one) without partition table a GPT with one partition, number 1, of
/// `size` bytes at most, or all that there is when that is 0.
Done make_only_partition(const std::string& disk, std::uint64_t size);

}  // namespace hsm4::rootfs
