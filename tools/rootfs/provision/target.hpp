// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The card or disk that is written: may it be, and what the kernel sees of it meanwhile.
#pragma once

#include <filesystem>
#include <vector>

#include "hsm4/files.hpp"
#include "tools/rootfs/provision/card.hpp"

namespace hsm4::rootfs {

struct Target {
    std::string node;  ///< /dev/mmcblk0
    std::filesystem::path sysfs;
    std::uint64_t size = 0;  ///< bytes

    /// The node of its partition `number`.
    std::string partition(unsigned number) const;
};

/// The disk whose directory in sysfs is `disk`. A Problem for a partition, a disk without medium,
/// one that is read-only, and one that something mounted, swap or a mapping lies on.
Outcome<Target> examine_disk(const std::filesystem::path& disk, const Machine& machine = {});

/// The same for a device node, which nobody else may have open for himself alone.
Outcome<Target> examine_target(const std::string& path, const Machine& machine = {});

/// The target, open for as long as it is written. The disk has no partition table meanwhile, and so
/// boots nowhere; the kernel is told of the partitions only.
///
/// It must stay open: when a disk is closed after writing, udev lets the kernel read the table
/// again, and there is none.
class OpenTarget {
public:
    /// Removes the partition table and whatever else identifies the content, and discards the rest
    /// where the disk can.
    static Outcome<OpenTarget> clear(const Target& target);
    OpenTarget(OpenTarget&& other) noexcept
        : target_{std::move(other.target_)}, disk_{std::move(other.disk_)} {}
    OpenTarget& operator=(OpenTarget&&) = delete;
    OpenTarget(const OpenTarget&) = delete;
    OpenTarget& operator=(const OpenTarget&) = delete;
    ~OpenTarget();

    /// Lets the kernel have the partitions of `card`.
    Done show(const Card& card);
    /// What is read from now on comes from the disk, not from memory.
    Done forget_cache() const;
    /// Removes a partition table again, if there is one.
    Done unmake() const;

private:
    OpenTarget(Target target, Descriptor disk)
        : target_{std::move(target)}, disk_{std::move(disk)} {}
    Target target_;
    Descriptor disk_;
};

}  // namespace hsm4::rootfs
