// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Where in an ext4 file system its files lie, and what that means for making it smaller.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

struct Usage {
    /// A block group, in bytes.
    struct Group {
        std::uint64_t end = 0;   ///< where it ends in the file system
        std::uint64_t used = 0;  ///< in use, and neither a bitmap nor a table of inodes
    };
    std::vector<Group> groups;  ///< in their order, without gaps

    /// Bytes that must move when the file system gets `size` bytes; not less than really must.
    std::uint64_t behind(std::uint64_t size) const noexcept;
    /// The smallest size, in whole MiB, for which no more than `movable` bytes must move.
    std::uint64_t size_that_moves(std::uint64_t movable) const noexcept;
    /// Of the sizes between `least` and `most` (multiples of 1 MiB) the one with the least to read
    /// and to write: what moves is written twice and read twice, and all that is left is read and
    /// written once by the encryption.
    std::uint64_t cheapest_size(std::uint64_t least, std::uint64_t most) const noexcept;
};

/// Of a block device with an ext4 file system that is not mounted, past the cache.
Outcome<Usage> read_usage(const std::string& device);

}  // namespace hsm4::rootfs
