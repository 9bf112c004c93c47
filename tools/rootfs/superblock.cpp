// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Superblocks, by their published layouts.
#include "tools/rootfs/superblock.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "hsm4/files.hpp"

namespace hsm4::rootfs {

namespace {

// fs/ext4/ext4.h, struct ext4_super_block; all fields little-endian.
constexpr std::size_t superblock = 1024;
constexpr std::size_t superblock_size = 1024;
constexpr std::size_t blocks_lo = superblock + 0x04;
constexpr std::size_t free_blocks_lo = superblock + 0x0C;
constexpr std::size_t log_block_size = superblock + 0x18;
constexpr std::size_t magic = superblock + 0x38;
constexpr std::size_t state = superblock + 0x3A;
constexpr std::size_t incompatible = superblock + 0x60;
constexpr std::size_t uuid = superblock + 0x68;
constexpr std::size_t blocks_hi = superblock + 0x150;
constexpr std::size_t free_blocks_hi = superblock + 0x158;
constexpr std::uint64_t ext_magic = 0xEF53;
constexpr std::uint64_t error_state = 2;
constexpr std::uint64_t recover = 0x4;
constexpr std::uint64_t extents = 0x40;
constexpr std::uint64_t is_64_bit = 0x80;
constexpr std::uint64_t longest_log_block_size = 6;  // 64 KiB

/// `size` bytes, little-endian; 0 beyond the end.
std::uint64_t number(View start, std::size_t offset, std::size_t size) {
    std::uint64_t value = 0;
    if (offset + size > start.size()) return 0;
    for (std::size_t at = size; at-- > 0;)
        value = value << 8 | std::to_integer<std::uint64_t>(start[offset + at]);
    return value;
}

bool has(View start, std::size_t offset, std::string_view text) {
    if (offset + text.size() > start.size()) return false;
    return std::ranges::equal(start.subspan(offset, text.size()), view_of(text));
}

bool is_lvm(View start) {
    for (std::size_t sector = 0; sector < 4; ++sector)
        if (has(start, sector * 512, "LABELONE")) return true;
    return false;
}

std::uint64_t wide(View start, std::size_t low, std::size_t high) {
    const bool both = (number(start, incompatible, 4) & is_64_bit) != 0;
    return number(start, low, 4) | (both ? number(start, high, 4) << 32 : 0);
}

}  // namespace

std::string content_of(View start) {
    if (has(start, 0, "LUKS\xba\xbe")) return "LUKS";
    if (is_lvm(start)) return "LVM";
    if (has(start, 0, "XFSB")) return "xfs";
    if (has(start, 0x10040, "_BHRfS_M")) return "btrfs";
    if (number(start, superblock, 4) == 0xF2F52010) return "f2fs";
    if (number(start, magic, 2) != ext_magic) return {};
    return (number(start, incompatible, 4) & extents) != 0 ? "ext4" : "ext3";
}

Result<Ext4> parse_ext4(View start) {
    const Error damaged{Errc::malformed, "ext4 superblock"};
    if (start.size() < superblock + superblock_size || content_of(start) != "ext4") return damaged;
    const std::uint64_t log_size = number(start, log_block_size, 4);
    if (log_size > longest_log_block_size) return damaged;
    Ext4 found;
    found.block_size = 1024U << log_size;
    found.blocks = wide(start, blocks_lo, blocks_hi);
    found.free_blocks = wide(start, free_blocks_lo, free_blocks_hi);
    found.has_errors = (number(start, state, 2) & error_state) != 0;
    found.needs_recovery = (number(start, incompatible, 4) & recover) != 0;
    const View id = start.subspan(uuid, 16);
    found.uuid.assign(id.begin(), id.end());
    if (found.blocks == 0 || found.free_blocks > found.blocks || found.blocks >> 48 != 0)
        return damaged;
    return found;
}

Outcome<Ext4> read_ext4(const std::string& path) {
    const Descriptor device{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    Bytes start(start_size);
    if (!device || (::ioctl(device.get(), BLKFLSBUF) != 0 && errno != ENOTTY) ||
        ::pread(device.get(), start.data(), start.size(), 0) != static_cast<ssize_t>(start.size()))
        return Problem{path + " cannot be read: " + std::strerror(errno)};
    auto found = parse_ext4(start);
    if (!found) return Problem{path + " has no ext4 file system"};
    return *found;
}

}  // namespace hsm4::rootfs
