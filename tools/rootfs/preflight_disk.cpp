// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Checks of partitions, file systems and the room on them.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "hsm4/files.hpp"
#include "tools/rootfs/preflight.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t small_files = 2 * mebibyte;  // state, log, copies of what is changed

/// The start of a device; shorter when the device is.
Result<Bytes> read_start(const std::string& node) {
    const Descriptor file{::open(node.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file) return Error{Errc::io, "root partition", errno};
    Bytes start(start_size);
    const ssize_t size = ::pread(file.get(), start.data(), start.size(), 0);
    if (size < 0) return Error{Errc::io, "root partition", errno};
    start.resize(static_cast<std::size_t>(size));
    return start;
}

/// While it is mounted the kernel alone knows how much is free: the superblock is written now and
/// then.
void ask_kernel_for_free_blocks(const std::string& mount, const std::string& node, Ext4& found) {
    struct stat mounted = {};
    struct stat device = {};
    struct statvfs figures = {};
    if (::stat(mount.c_str(), &mounted) != 0 || ::stat(node.c_str(), &device) != 0 ||
        mounted.st_dev != device.st_rdev || ::statvfs(mount.c_str(), &figures) != 0)
        return;
    found.free_blocks = std::uint64_t{figures.f_bfree} * figures.f_frsize / found.block_size;
}

std::string why_no_plan(const Error& error, const Ext4& file_system) {
    return std::string{error.where} + " (" + in_units(file_system.used()) + " of " +
           in_units(file_system.size()) + " are used; LUKS needs " +
           in_units(header_size + data_shift) + " of its own)";
}

std::uint64_t initramfs_bytes(const std::string& directory) {
    std::uint64_t sum = 0;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator{directory, failed})
        if (entry.path().filename().string().starts_with("init")) sum += entry.file_size(failed);
    return sum;
}

}  // namespace

std::uint64_t boot_space_needed(std::uint64_t initramfs_bytes, bool moves) noexcept {
    // A new initramfs is written before the old one goes, and is larger by what the phase needs.
    // The header is there twice.
    const std::uint64_t disk = moves ? 0 : 2 * header_size + store_size;
    return disk + small_files + initramfs_bytes + initramfs_bytes / 4;
}

void check_layout(Preflight& preflight) {
    auto layout = find_layout(preflight.request.machine);
    if (!layout) {
        preflight.findings.refuse("layout", layout.error().text, {});
        return;
    }
    preflight.layout = *layout;
    preflight.findings.good(
        "layout", "root on " + layout->root.node + ", boot files on " + layout->boot.node);
}

void check_file_system(Preflight& preflight) {
    if (!preflight.layout) return;
    const Partition& root = preflight.layout->root;
    auto start = read_start(root.node);
    if (!start) {
        preflight.findings.refuse("file-system", root.node + " cannot be read", "run this as root");
        return;
    }
    auto found = parse_ext4(*start);
    if (!found) {
        const std::string content = content_of(*start);
        preflight.findings.refuse("file-system",
                                  root.node + " holds " +
                                      (content.empty() ? "no known file system" : content) +
                                      ", though ext4 is mounted from it",
                                  "check which partition the root is: findmnt /");
        return;
    }
    if (found->has_errors) {
        preflight.findings.refuse("file-system", "the root file system is marked as damaged",
                                  "repair it first: boot with fsck.mode=force");
        return;
    }
    ask_kernel_for_free_blocks(preflight.request.root + "/", root.node, *found);
    auto plan = make_plan(*found, root.size, preflight.request.whole);
    if (!plan) {
        preflight.findings.refuse("space", why_no_plan(plan.error(), *found),
                                  "remove files, or enlarge the partition");
        return;
    }
    preflight.plan = *plan;
    preflight.findings.good("file-system", "ext4, " + in_units(plan->used) + " of " +
                                               in_units(plan->file_system) + " used");
}

void check_boot_space(Preflight& preflight) {
    if (!preflight.layout) return;
    const std::string directory = preflight.request.root + preflight.layout->boot.mount;
    struct statvfs figures = {};
    if (::statvfs(directory.c_str(), &figures) != 0) {
        preflight.findings.refuse("boot-space", directory + " cannot be read", "run this as root");
        return;
    }
    const std::uint64_t free = std::uint64_t{figures.f_bavail} * figures.f_frsize;
    const std::uint64_t needed =
        boot_space_needed(initramfs_bytes(directory), preflight.request.moves);
    if (free < needed)
        preflight.findings.refuse(
            "boot-space",
            "the boot partition has " + in_units(free) + " free, of " + in_units(needed) +
                " that are needed",
            "remove kernels that are not used, or old backups in " + preflight.layout->boot.mount);
    else
        preflight.findings.good("boot-space", in_units(free) + " free on the boot partition, " +
                                                  in_units(needed) + " needed");
}

}  // namespace hsm4::rootfs
