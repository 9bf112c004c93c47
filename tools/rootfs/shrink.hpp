// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Making an unmounted ext4 file system smaller so that a power cut at any instant loses nothing.
//
// resize2fs alone can be cut off in the middle of a move. So it never writes to the partition: it
// writes to a persistent dm-snapshot of it.
//
//   copying   resize2fs runs on the snapshot. A cut throws its store away; the partition is
//             untouched
//   merging   the store is complete, and is merged into the partition. A cut repeats the merge,
//             which the store's own metadata makes possible
//
// The snapshot's store is a small file on the boot partition as long as the file system fills its
// partition. What the first step leaves free at the end is the store of the next one, so that there
// are few steps: where nothing lies at the end, a small store frees much of it.
//
// How far a step goes is reckoned from what lies where. One that its store cannot hold all the
// same is thrown away, and followed by a smaller one. resize2fs needs more than what is in use, and
// cannot say how much: when it finds no room, less is asked of it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

struct ShrinkOrder {
    std::string device;        ///< the partition; not mounted
    std::string store;         ///< a file of fixed size on another file system, all of it allocated
    std::uint64_t target = 0;  ///< bytes, a multiple of 1 MiB
    /// This will do when it costs less, or resize2fs has no room for less.
    std::uint64_t enough = 0;
    std::string name = "hsm4-shrink";  ///< of the mapping while it works
};

/// Is told the size that the file system has now, after each step.
using ShrinkProgress = std::function<void(std::uint64_t size)>;

/// Makes the record, which shrink() then only writes over. Not while is_merging().
Done begin_record(DurableRecord& record);

/// Checks the file system, finishes what `record` says was begun, and shrinks to the target. Call
/// it again after a cut, with the same order and record. A Problem leaves a sound file system of
/// some size: that of before, or a smaller one.
Done shrink(const ShrinkOrder& order, DurableRecord& record, const ShrinkProgress& progress);

/// Whether the partition itself may be half written, and must not be mounted.
Outcome<bool> is_merging(DurableRecord& record);
/// Ends the merge that was begun, if one was.
Done finish_merge(const ShrinkOrder& order, DurableRecord& record);

/// "ALLOCATED/TOTAL METADATA" of dmsetup status.
struct StoreStatus {
    bool usable = false;  ///< false: it overflowed, or was never readable
    std::uint64_t allocated = 0;
    std::uint64_t total = 0;
    std::uint64_t metadata = 0;
    bool merged() const noexcept { return usable && allocated == metadata; }
};
StoreStatus parse_store_status(const std::string& line);

}  // namespace hsm4::rootfs
