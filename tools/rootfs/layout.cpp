// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// From mountinfo to partitions in sysfs.
#include "tools/rootfs/layout.hpp"

#include <filesystem>
#include <optional>

#include "hsm4/boot_medium.hpp"
#include "hsm4/mounts.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t sector = 512;  // sysfs counts in these, whatever the disk's own are

/// The last mount at a point hides the ones before. An automounter that has not mounted yet says
/// nothing about the device.
std::optional<Mount> mounted_at(const std::string& point, const Machine& machine) {
    std::optional<Mount> found;
    for (Mount& mount : mounts(machine))
        if (mount.point == point && !mount.type.empty() && mount.type != "autofs")
            found = std::move(mount);
    return found;
}

/// Why a block device that is no partition cannot be converted.
Problem not_a_partition(const fs::path& device) {
    const std::string uuid = first_line(device / "dm/uuid");
    const std::string name = "the root file system (" + device.filename().string() + ") ";
    if (uuid.starts_with("CRYPT-")) return Problem{name + "is encrypted already; nothing to do"};
    if (uuid.starts_with("LVM-"))
        return Problem{name + "lies on LVM; only a root on a partition of its own is converted"};
    if (fs::exists(device / "md"))
        return Problem{name + "lies on RAID; only a root on a partition of its own is converted"};
    return Problem{name + "is no partition; only a root on a partition of its own is converted"};
}

Outcome<Partition> partition_of(const Mount& mount, const std::string& point,
                                const Machine& machine) {
    const auto device = sysfs_of_mount(point, machine);
    if (!device)
        return Problem{point + " is " + mount.type +
                       " on no block device of its own; see findmnt " + point};
    const auto number = number_in(*device / "partition");
    if (!number) return not_a_partition(*device);
    const auto sectors = number_in(*device / "size");
    if (!sectors) return Problem{"the size of " + device->string() + " cannot be read"};
    Partition found;
    found.node = machine.dev + '/' + device->filename().string();
    found.disk = device->parent_path().filename().string();
    found.mount = point;
    found.type = mount.type;
    found.number = static_cast<unsigned>(*number);
    found.size = *sectors * sector;
    return found;
}

Outcome<Partition> find_root(const Machine& machine) {
    const auto mount = mounted_at("/", machine);
    if (!mount) return Problem{"the root file system is not in /proc/self/mountinfo"};
    if (mount->subtree != "/")
        return Problem{"the root is only a part (" + mount->subtree +
                       ") of its file system; run this outside of containers and chroots"};
    if (mount->type != "ext4")
        return Problem{"the root file system is " + mount->type + "; only ext4 is converted"};
    return partition_of(*mount, "/", machine);
}

Outcome<Partition> find_boot(const Machine& machine) {
    for (const char* point : {"/boot/firmware", "/boot"}) {
        const auto mount = mounted_at(point, machine);
        if (!mount) continue;
        if (mount->type != "vfat")
            return Problem{std::string{point} + " is " + mount->type +
                           "; the boot files must lie on a FAT partition"};
        return partition_of(*mount, point, machine);
    }
    return Problem{
        "neither /boot/firmware nor /boot is a partition of its own; the boot files cannot stay in "
        "the clear there"};
}

}  // namespace

Outcome<Layout> find_layout(const Machine& machine) {
    auto root = find_root(machine);
    if (!root) return root.error();
    auto boot = find_boot(machine);
    if (!boot) return boot.error();
    return Layout{std::move(*root), std::move(*boot)};
}

}  // namespace hsm4::rootfs
