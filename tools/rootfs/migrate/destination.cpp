// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// libfdisk and libblkid.
#include "tools/rootfs/migrate/destination.hpp"

#include <blkid/blkid.h>
#include <libfdisk/libfdisk.h>

#include <cstring>
#include <memory>

#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t sysfs_sector = 512;
constexpr std::uint64_t room_for_table = 2 * mebibyte;  // in front, and the copy at the end

struct CloseDisk {
    void operator()(fdisk_context* context) const noexcept { fdisk_unref_context(context); }
};
using Disk = std::unique_ptr<fdisk_context, CloseDisk>;

struct FreePartition {
    void operator()(fdisk_partition* partition) const noexcept { fdisk_unref_partition(partition); }
};

struct FreeProbe {
    void operator()(blkid_struct_probe* probe) const noexcept { blkid_free_probe(probe); }
};

Outcome<Disk> open_disk(const std::string& path, bool read_only) {
    Disk disk{fdisk_new_context()};
    const int opened = disk ? fdisk_assign_device(disk.get(), path.c_str(), read_only) : -ENOMEM;
    if (opened != 0) return Problem{path + ": " + std::strerror(-opened)};
    return disk;
}

/// "vfat DATA", or whatever libblkid finds on the device.
std::string content_on(const std::string& node) {
    const std::unique_ptr<blkid_struct_probe, FreeProbe> probe{
        blkid_new_probe_from_filename(node.c_str())};
    if (!probe) return {};
    blkid_probe_set_superblocks_flags(probe.get(), BLKID_SUBLKS_TYPE | BLKID_SUBLKS_LABEL);
    const char* type = nullptr;
    const char* label = nullptr;
    if (blkid_do_safeprobe(probe.get()) != 0 ||
        blkid_probe_lookup_value(probe.get(), "TYPE", &type, nullptr) != 0)
        return {};
    std::string content = type;
    if (blkid_probe_lookup_value(probe.get(), "LABEL", &label, nullptr) == 0)
        content += std::string{" \""} + label + '"';
    return content;
}

Done failed(const std::string& disk, int error) {
    return Problem{disk + " cannot be partitioned: " + std::strerror(-error)};
}

/// A disk without partition table: partition 1 will be all of it.
Outcome<Destination> whole_disk(Destination found, const DestinationRequest& request) {
    if (request.number != 1)
        return Problem{request.disk + " has no partition table, so its partition will be 1, not " +
                           std::to_string(request.number),
                       enroll::exit_usage};
    found.is_new = true;
    found.size = found.disk.size - std::min(found.disk.size, room_for_table);
    found.content = content_on(found.disk.node);
    return found;
}

}  // namespace

Outcome<Destination> examine_destination(const DestinationRequest& request,
                                         const Machine& machine) {
    auto target = examine_target(request.disk, machine);
    if (!target) return target.error();
    auto disk = open_disk(target->node, true);
    if (!disk) return disk.error();
    Destination found;
    found.disk = *target;
    found.number = request.number;
    found.node = target->partition(request.number);
    if (fdisk_has_label(disk->get()) == 0) {
        auto whole = whole_disk(std::move(found), request);
        if (!whole) return whole.error();
        found = std::move(*whole);
    } else {
        const fs::path part = target->sysfs / fs::path{found.node}.filename();
        found.size = number_in(part / "size").value_or(0) * sysfs_sector;
        if (found.size == 0)
            return Problem{target->node + " has a partition table without partition " +
                               std::to_string(request.number) +
                               "; make it (cfdisk), or name another by --target-partition",
                           enroll::exit_usage};
        found.content = content_on(found.node);
    }
    if (found.size < request.needed)
        return Problem{found.node + " has " + in_units(found.size) + ", of " +
                       in_units(request.needed) + " that are needed"};
    return found;
}

Done make_only_partition(const std::string& path, std::uint64_t size) {
    auto opened = open_disk(path, false);
    if (!opened) return opened.error();
    fdisk_context* disk = opened->get();
    if (const int made = fdisk_create_disklabel(disk, "gpt"); made != 0) return failed(path, made);
    const std::unique_ptr<fdisk_partition, FreePartition> partition{fdisk_new_partition()};
    fdisk_partition_set_partno(partition.get(), 0);
    fdisk_partition_start_follow_default(partition.get(), 1);
    const std::uint64_t all = fdisk_get_nsectors(disk) * fdisk_get_sector_size(disk);
    if (size == 0 || size + room_for_table > all)
        fdisk_partition_end_follow_default(partition.get(), 1);
    else
        fdisk_partition_set_size(partition.get(), size / fdisk_get_sector_size(disk));
    if (const int added = fdisk_add_partition(disk, partition.get(), nullptr); added != 0)
        return failed(path, added);
    if (const int written = fdisk_write_disklabel(disk); written != 0) return failed(path, written);
    if (fdisk_is_regfile(disk) == 0) {
        if (const int read = fdisk_reread_partition_table(disk); read != 0)
            return failed(path, read);
    }
    const int closed = fdisk_deassign_device(disk, 0);
    return closed == 0 ? done() : failed(path, closed);
}

}  // namespace hsm4::rootfs
