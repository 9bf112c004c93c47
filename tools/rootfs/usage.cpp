// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Group descriptors, by libext2fs.
#include "tools/rootfs/usage.hpp"

extern "C" {  // which its headers do not say by themselves
#include <et/com_err.h>
#include <ext2fs/ext2fs.h>
}
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <memory>
#include <type_traits>

#include "hsm4/files.hpp"
#include "tools/rootfs/plan.hpp"

namespace hsm4::rootfs {

namespace {

/// Of a block device: it may have been written by ways that the kernel's cache has not seen.
void forget_cache(const std::string& device) {
    const Descriptor file{::open(device.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file) static_cast<void>(::ioctl(file.get(), BLKFLSBUF));
}

using Blocks = std::vector<std::uint64_t>;  // one count for each group

struct Close {
    void operator()(ext2_filsys file_system) const noexcept { ext2fs_free(file_system); }
};
using FileSystem = std::unique_ptr<std::remove_pointer_t<ext2_filsys>, Close>;

Outcome<FileSystem> open_file_system(const std::string& device) {
    forget_cache(device);
    ext2_filsys raw = nullptr;
    const errcode_t failed =
        ext2fs_open(device.c_str(), EXT2_FLAG_64BITS, 0, 0, unix_io_manager, &raw);
    if (failed != 0) return Problem{device + " cannot be read: " + error_message(failed)};
    return FileSystem{raw};
}

/// With flexible groups, the tables of many lie in one of them.
void subtract_tables(ext2_filsys file_system, Blocks& used) {
    const auto subtract = [&](std::uint64_t first, std::uint64_t count) {
        std::uint64_t& there = used[ext2fs_group_of_blk2(file_system, first)];
        there -= std::min(there, count);
    };
    for (dgrp_t group = 0; group < file_system->group_desc_count; ++group) {
        subtract(ext2fs_block_bitmap_loc(file_system, group), 1);
        subtract(ext2fs_inode_bitmap_loc(file_system, group), 1);
        // The table may go on into the next group.
        const std::uint64_t table = ext2fs_inode_table_loc(file_system, group);
        for (std::uint64_t block = 0; block < file_system->inode_blocks_per_group; ++block)
            subtract(table + block, 1);
    }
}

/// Every location is inside the file system: a damaged one has been repaired before, or is refused.
bool has_sane_tables(ext2_filsys file_system) {
    const std::uint64_t blocks = ext2fs_blocks_count(file_system->super);
    for (dgrp_t group = 0; group < file_system->group_desc_count; ++group)
        if (ext2fs_block_bitmap_loc(file_system, group) >= blocks ||
            ext2fs_inode_bitmap_loc(file_system, group) >= blocks ||
            ext2fs_inode_table_loc(file_system, group) + file_system->inode_blocks_per_group >
                blocks)
            return false;
    return true;
}

}  // namespace

std::uint64_t Usage::behind(std::uint64_t size) const noexcept {
    std::uint64_t sum = 0;
    for (const Group& group : groups)
        if (group.end > size) sum += std::min(group.used, group.end - size);
    return sum;
}

std::uint64_t Usage::size_that_moves(std::uint64_t movable) const noexcept {
    for (std::size_t at = groups.size(); at-- > 0;) {
        const Group& group = groups[at];
        if (group.used > movable) return (group.end - movable + mebibyte - 1) / mebibyte * mebibyte;
        movable -= group.used;
    }
    return 0;
}

std::uint64_t Usage::cheapest_size(std::uint64_t least, std::uint64_t most) const noexcept {
    const auto cost = [this](std::uint64_t size) { return 2 * size + 4 * behind(size); };
    std::uint64_t best = least;
    for (const Group& group : groups) {
        const std::uint64_t size = (group.end + mebibyte - 1) / mebibyte * mebibyte;
        if (size > least && size <= most && cost(size) < cost(best)) best = size;
    }
    return best;
}

Outcome<Usage> read_usage(const std::string& device) {
    auto opened = open_file_system(device);
    if (!opened) return opened.error();
    auto* file_system = opened->get();
    if (!has_sane_tables(file_system)) return Problem{device + " has a damaged file system"};
    Blocks used;
    for (dgrp_t group = 0; group < file_system->group_desc_count; ++group) {
        const auto all = static_cast<std::uint64_t>(ext2fs_group_blocks_count(file_system, group));
        const std::uint64_t free = ext2fs_bg_free_blocks_count(file_system, group);
        used.push_back(all - std::min(all, free));
    }
    subtract_tables(file_system, used);
    Usage usage;
    for (dgrp_t group = 0; group < file_system->group_desc_count; ++group)
        usage.groups.push_back(
            {(ext2fs_group_last_block2(file_system, group) + 1) * file_system->blocksize,
             used[group] * file_system->blocksize});
    return usage;
}

}  // namespace hsm4::rootfs
