// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// From a plain ext4 partition to an encrypted one, through power cuts.
//
// Everything that it needs lies in a directory on the boot partition, and was made and tested
// before:
//
// - header: the LUKS2 header with all key slots and tokens; blank once it stands on the partition
// - finished: a copy of it, the header of the end (encryption.hpp)
// - store: for the shrinking (shrink.hpp)
// - state-N: which stage comes next (durable_record.hpp)
// - shrink-N: how far the shrinking is
//
// FAT has no journal, so while the disk is neither plain nor encrypted nothing is created, removed
// or made longer there: every file has its full size before, and is written over in place.
//
// A stage is recorded before it begins, and each may be repeated from its start. From moving on
// the file system must not be mounted as a plain one: what would be written then is lost.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "tools/rootfs/encryption.hpp"
#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

enum class Stage {
    abandoned,  ///< shrinking was not possible; the system stays a plain one
    shrinking,  ///< the file system still is a plain one
    moving,     ///< its start is copied behind it
    heading,  ///< the header is written over its start; the partition is neither one nor the other
    encrypting,  ///< opened by key slots and tokens; the header's file is never used again
    clearing,    ///< what lies behind the encrypted part is discarded or overwritten
    installing,  ///< the file system grows, and the system learns where its root is
    encrypted    ///< a volume like any other
};
const char* name_of(Stage stage) noexcept;

/// What the record says.
struct Standing {
    Stage stage = Stage::shrinking;
    std::string reason;           ///< when it was abandoned
    std::uint64_t encrypted = 0;  ///< bytes, from moving on; 0: as ordered
};
/// Nothing when no conversion was begun in `directory`.
Outcome<std::optional<Standing>> standing_of(const std::string& directory);
/// Makes the next boot begin, or begin again. Durable.
Done arm(const std::string& directory);

struct PhaseOrder {
    std::string device;     ///< the root partition; not mounted
    std::string boot;       ///< where the boot partition is mounted
    std::string directory;  ///< on the boot partition
    Order order;
    /// Asked before the volume is mapped: is its header the one that was made for it?
    std::function<Done(const std::string& device)> check_header;
};

struct Watcher {
    std::function<void(Stage)> entered;
    std::function<void(std::uint64_t size)> shrunk;
    Progress encrypted;
    Progress cleared;
};

/// Ends a merge that a cut has left behind, so that the plain file system is sound; else nothing.
Done settle(const PhaseOrder& phase);

/// Goes on from where the record says, to the end, which leaves the volume mapped. A Problem while
/// shrinking is recorded as abandoned when the plain system is sound, and boots as before; later it
/// leaves a volume that `opener` opens, and is gone on with by calling again.
Done go_through(const PhaseOrder& phase, const Opener& opener, const Watcher& watcher);

}  // namespace hsm4::rootfs
