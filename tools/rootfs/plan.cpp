// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Sizes of a conversion.
#include "tools/rootfs/plan.hpp"

#include <algorithm>

namespace hsm4::rootfs {

namespace {

/// resize2fs needs room for what it cannot move freely: group descriptors, inode tables, a journal.
constexpr std::uint64_t least_slack = 64 * mebibyte;
constexpr std::uint64_t slack_share = 8;  ///< of what is used

std::uint64_t round_up(std::uint64_t size) { return (size + mebibyte - 1) / mebibyte * mebibyte; }

}  // namespace

Result<Plan> make_plan(const Ext4& file_system, std::uint64_t partition, bool whole) {
    Plan plan;
    plan.partition = partition;
    plan.file_system = file_system.size();
    plan.used = file_system.used();
    if (plan.file_system > partition) return Error{Errc::usage, "file system beyond its partition"};
    const std::uint64_t reserve = header_size + data_shift;
    if (partition < 2 * reserve) return Error{Errc::usage, "partition too small"};
    const std::uint64_t largest = (partition - reserve) / mebibyte * mebibyte;
    const std::uint64_t wanted =
        round_up(plan.used + std::max(least_slack, plan.used / slack_share));
    const std::uint64_t least = round_up(plan.used + plan.used / (2 * slack_share));
    if (least > largest) return Error{Errc::usage, "too little free space on the root"};
    const std::uint64_t small = std::min({wanted, largest, plan.file_system / mebibyte * mebibyte});
    plan.shrunk = whole ? std::min(largest, plan.file_system / mebibyte * mebibyte) : small;
    plan.encrypted = whole ? largest : plan.shrunk;
    plan.discarded = partition - header_size - plan.encrypted;
    plan.final_size = partition - header_size;
    return plan;
}

std::uint64_t estimate_seconds(const Plan& plan, std::uint64_t read_rate,
                               std::uint64_t write_rate) {
    if (read_rate == 0 || write_rate == 0) return 0;
    return plan.encrypted / read_rate + plan.encrypted / write_rate;
}

}  // namespace hsm4::rootfs
