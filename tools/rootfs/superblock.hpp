// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What lies at the start of a partition: which file system, and ext4's figures.
#pragma once

#include <cstdint>
#include <string>

#include "hsm4/bytes.hpp"
#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// So much of the start of a partition tells everything below.
inline constexpr std::size_t start_size = 72U << 10;

/// "ext4", "ext3", "btrfs", "f2fs", "xfs", "LUKS", "LVM", or empty for anything else.
std::string content_of(View start);

struct Ext4 {
    std::uint32_t block_size = 0;
    std::uint64_t blocks = 0;
    std::uint64_t free_blocks = 0;
    bool has_errors = false;      ///< the kernel has marked it so
    bool needs_recovery = false;  ///< its journal holds something: it was not unmounted
    Bytes uuid;
    std::uint64_t size() const noexcept { return blocks * block_size; }
    std::uint64_t used() const noexcept { return (blocks - free_blocks) * block_size; }
};

/// `malformed` unless the figures fit each other.
Result<Ext4> parse_ext4(View start);
/// Of a block device (past the cache: it may have been written by ways that the kernel has not
/// seen), or of an image.
Outcome<Ext4> read_ext4(const std::string& path);

}  // namespace hsm4::rootfs
