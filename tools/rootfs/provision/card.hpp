// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// How a Pi's card is laid out: an MBR, a FAT partition with the boot files, one for the root.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// In bytes from the start of the disk.
struct Extent {
    std::uint64_t start = 0;
    std::uint64_t size = 0;
};

struct Card {
    Extent boot;
    Extent root;
};

/// What Raspberry Pi OS makes where nothing else is known.
inline constexpr std::uint64_t usual_boot_size = 512ULL << 20;

/// For a disk of `disk` bytes: erase blocks of a card are not shared between partitions, and an MBR
/// reaches 2 TiB far. A Problem unless the root has at least `root` bytes.
Outcome<Card> lay_out(std::uint64_t disk, std::uint64_t boot, std::uint64_t root);

/// Writes an MBR with a fresh identifier for `card` to the disk or image `path`, reads it back and
/// compares. The identifier, as "0x1234abcd".
Outcome<std::string> write_partition_table(const std::string& path, const Card& card);

/// The first FAT and the first Linux partition of an MBR. A Problem when there is none.
Outcome<Card> read_partition_table(const std::string& path);

}  // namespace hsm4::rootfs
