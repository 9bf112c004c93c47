// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// How much is shrunk, encrypted and written where.
#pragma once

#include <cstdint>

#include "tools/rootfs/superblock.hpp"

namespace hsm4::rootfs {

inline constexpr std::uint64_t mebibyte = 1U << 20;
/// LUKS2 header and key slots, at the start of the partition.
inline constexpr std::uint64_t header_size = 16 * mebibyte;
/// The first part of the file system moves behind the encrypted area before the header takes its
/// place, so this much is free there.
inline constexpr std::uint64_t data_shift = 16 * mebibyte;

/// Of the file that holds a step of shrinking; bounds how much one step moves.
inline constexpr std::uint64_t store_size = 64 * mebibyte;

struct Plan {
    std::uint64_t partition = 0;    ///< bytes of the root partition
    std::uint64_t file_system = 0;  ///< of the file system now
    std::uint64_t used = 0;         ///< of it in use
    std::uint64_t shrunk = 0;       ///< of the file system while it is encrypted
    std::uint64_t encrypted = 0;    ///< bytes read, encrypted and written
    std::uint64_t discarded = 0;    ///< behind that: never encrypted, discarded or overwritten
    std::uint64_t final_size = 0;   ///< of the file system at the end
};

/// `whole`: everything is encrypted, used or not. `usage` when the partition is too small, or too
/// full to give up header_size + data_shift.
Result<Plan> make_plan(const Ext4& file_system, std::uint64_t partition, bool whole);

/// Seconds for the whole conversion at the measured rates (bytes per second).
std::uint64_t estimate_seconds(const Plan& plan, std::uint64_t read_rate, std::uint64_t write_rate);

}  // namespace hsm4::rootfs
