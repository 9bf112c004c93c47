// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Finding and measuring the boot medium through sysfs.
#include "hsm4/boot_medium.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <array>
#include <filesystem>
#include <vector>

#include "hsm4/files.hpp"
#include "hsm4/mounts.hpp"

namespace hsm4 {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_serial = 256;
constexpr int deepest_stack = 8;  // a partition on LVM on LUKS on RAID and so on

Error missing(const char* where) { return Error{Errc::identity, where}; }

/// MAJOR:MINOR of the file system that is seen at `mount_point`.
std::optional<std::string> device_mounted_at(const std::string& mount_point,
                                             const Machine& machine) {
    std::optional<std::string> found;
    for (const Mount& mount : mounts(machine))
        if (mount.point == mount_point) found = mount.device;
    return found;
}

/// From a partition to its disk, and through dm and md to what lies below, as long as that is one
/// disk.
std::optional<fs::path> whole_disk(fs::path device) {
    std::error_code failed;
    for (int level = 0; level < deepest_stack; ++level) {
        if (fs::exists(device / "partition", failed)) {
            device = device.parent_path();
            continue;
        }
        std::vector<fs::path> below;
        for (const auto& entry : fs::directory_iterator{device / "slaves", failed})
            below.push_back(fs::canonical(entry.path(), failed));
        if (below.empty()) return device;
        if (below.size() > 1 || failed) return std::nullopt;
        device = below.front();
    }
    return std::nullopt;
}

/// The directory of a block device in sysfs.
std::optional<fs::path> sysfs_of_number(const std::string& number, const Machine& machine) {
    std::error_code failed;
    fs::path path = fs::canonical(machine.sys + "/dev/block/" + number, failed);
    if (failed) return std::nullopt;
    return path;
}

/// For a device node. Tests have no nodes: there a symbolic link's last part is the kernel's name.
std::optional<fs::path> sysfs_of_path(const std::string& path, const Machine& machine) {
    std::error_code failed;
    const fs::path node = fs::canonical(path, failed);
    if (failed) return std::nullopt;
    struct stat status = {};
    if (::stat(node.c_str(), &status) == 0 && S_ISBLK(status.st_mode)) {
        return sysfs_of_number(
            std::to_string(major(status.st_rdev)) + ':' + std::to_string(minor(status.st_rdev)),
            machine);
    }
    fs::path by_name =
        fs::canonical(machine.sys + "/class/block/" + node.filename().string(), failed);
    if (failed) return std::nullopt;
    return by_name;
}

std::optional<fs::path> boot_disk(const std::optional<std::string>& named, const Machine& machine) {
    std::optional<fs::path> device;
    if (named) {
        device = sysfs_of_path(*named, machine);
    } else {
        for (const char* point : {"/boot/firmware", "/boot", "/"}) {
            // An automounter that has not mounted yet, and other file systems without a device, say
            // nothing about the medium.
            device = sysfs_of_mount(point, machine);
            if (device) break;
        }
    }
    return device ? whole_disk(*device) : std::nullopt;
}

/// An attribute without the white space around it; nothing when it is not there or blank.
std::optional<std::string> attribute(const fs::path& file) {
    auto content = read_file(file.string(), longest_serial);
    if (!content) return std::nullopt;
    std::string text{reinterpret_cast<const char*>(content->view().data()), content->size()};
    const auto is_text = [](unsigned char letter) { return letter > 0x20 && letter < 0x7f; };
    while (!text.empty() && !is_text(static_cast<unsigned char>(text.back()))) text.pop_back();
    std::size_t first = 0;
    while (first < text.size() && !is_text(static_cast<unsigned char>(text[first]))) ++first;
    text.erase(0, first);
    if (text.empty()) return std::nullopt;
    return text;
}

/// The unit serial number page of a SCSI disk: four bytes of head, then text.
std::optional<std::string> scsi_serial(const fs::path& disk) {
    constexpr std::size_t head = 4;
    auto page = read_file((disk / "device/vpd_pg80").string(), longest_serial);
    if (!page || page->size() <= head) return std::nullopt;
    std::string text{reinterpret_cast<const char*>(page->view().data()) + head,
                     page->size() - head};
    while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.pop_back();
    const auto first = text.find_first_not_of(' ');
    if (first == text.npos) return std::nullopt;
    return text.substr(first);
}

/// A disk behind USB: the serial number of the USB device that it hangs on.
std::optional<std::string> usb_serial(const fs::path& disk) {
    std::error_code failed;
    for (fs::path at = disk.parent_path(); at.has_relative_path(); at = at.parent_path())
        if (fs::exists(at / "bDeviceClass", failed)) return attribute(at / "serial");
    return std::nullopt;
}

/// virtio has its serial beside the queue, NVMe and others one level up. USB comes before SCSI,
/// because bridges put their own number, or none, into the SCSI page.
std::optional<std::string> serial_of(const fs::path& disk) {
    for (const char* place : {"serial", "device/serial"})
        if (auto serial = attribute(disk / place)) return serial;
    if (auto serial = usb_serial(disk)) return serial;
    return scsi_serial(disk);
}

}  // namespace

std::optional<fs::path> sysfs_of_mount(const std::string& mount_point, const Machine& machine) {
    const auto number = device_mounted_at(mount_point, machine);
    return number ? sysfs_of_number(*number, machine) : std::nullopt;
}

Result<std::string> find_boot_medium(const std::optional<std::string>& named,
                                     const Machine& machine) {
    const auto disk = boot_disk(named, machine);
    if (!disk) return missing("boot medium");
    std::string best;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator{machine.dev + "/disk/by-path", failed}) {
        if (fs::canonical(entry.path(), failed).filename() != disk->filename()) continue;
        const std::string path = entry.path().string();
        if (best.empty() || path.size() < best.size() ||
            (path.size() == best.size() && path < best))
            best = path;
    }
    if (best.empty()) return missing("stable path of the boot medium");
    return best;
}

Result<SecretBytes> measure_medium(const std::string& path, const Machine& machine) {
    const auto device = sysfs_of_path(path, machine);
    const auto disk = device ? whole_disk(*device) : std::nullopt;
    if (!disk) return missing("boot medium");
    std::string value;
    if (auto cid = attribute(*disk / "device/cid"))
        value = "cid:" + *cid;
    else if (auto serial = serial_of(*disk))
        value = "serial:" + *serial;
    else
        return missing("serial number of the boot medium");
    return SecretBytes{view_of(value)};
}

}  // namespace hsm4
