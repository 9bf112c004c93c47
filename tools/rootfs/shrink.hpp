// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Making an unmounted ext4 file system smaller so that a power cut at any instant loses nothing.
//
// resize2fs alone can be cut off in the middle of a move. So it never writes to the partition: it
// writes to a persistent dm-snapshot of it, whose store is a file elsewhere.
//
//   copying   resize2fs runs on the snapshot. A cut throws the store away; the partition is
//             untouched
//   merging   the store is complete, and is merged into the partition. A cut repeats the merge,
//             which the store's own metadata makes possible
//
// resize2fs needs more than what is in use, and cannot say how much: when it finds no room, less is
// asked of it.
//
// In steps, because the store is small; each step is resized and merged before the next. A step
// that the store cannot hold is thrown away, and followed by a smaller one.
//
// The store is a file on the boot partition and not the unused end of the partition itself: there
// is none as long as the file system fills it, and the file must not move what it protects.
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
    std::uint64_t enough = 0;  ///< this will do when resize2fs finds no room for less
    std::uint64_t step = 0;    ///< of the first step in bytes; 0: all at once
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

/// Bytes of the step after one of `step` bytes: as what was moved lies in the file system, it
/// should fill three quarters of the store; or a quarter of a step that the store could not hold.
/// At most eight times as much, for nobody knows what lies before.
std::uint64_t next_step(std::uint64_t step, const StoreStatus& store) noexcept;

}  // namespace hsm4::rootfs
