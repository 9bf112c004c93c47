// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The partition table, by libfdisk.
#include "tools/rootfs/provision/card.hpp"

#include <libfdisk.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::uint64_t alignment = 4 * mebibyte;
constexpr std::uint64_t most_sectors = 0xffff'ffffULL;
constexpr unsigned fat_lba = 0x0c;
constexpr unsigned linux_native = 0x83;
constexpr std::array fat_types{0x06U, 0x0bU, 0x0cU, 0x0eU};

struct Free {
    void operator()(fdisk_context* context) const noexcept { fdisk_unref_context(context); }
    void operator()(fdisk_partition* partition) const noexcept { fdisk_unref_partition(partition); }
    void operator()(fdisk_table* table) const noexcept { fdisk_unref_table(table); }
    void operator()(fdisk_parttype* type) const noexcept { fdisk_unref_parttype(type); }
    void operator()(fdisk_iter* iterator) const noexcept { fdisk_free_iter(iterator); }
    void operator()(char* text) const noexcept { std::free(text); }
};
using Context = std::unique_ptr<fdisk_context, Free>;

std::uint64_t rounded_up(std::uint64_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

Problem failed(const std::string& path, int error) {
    return Problem{"partition table of " + path + ": " + std::strerror(-error)};
}

Outcome<Context> open(const std::string& path, bool read_only) {
    Context context{fdisk_new_context()};
    if (!context) return Problem{"libfdisk cannot be used"};
    fdisk_disable_dialogs(context.get(), 1);
    const int opened = fdisk_assign_device(context.get(), path.c_str(), read_only ? 1 : 0);
    if (opened < 0) return failed(path, opened);
    return context;
}

int add(fdisk_context* context, std::size_t number, const Extent& extent, unsigned code) {
    const std::uint64_t sector = fdisk_get_sector_size(context);
    const std::unique_ptr<fdisk_partition, Free> partition{fdisk_new_partition()};
    const std::unique_ptr<fdisk_parttype, Free> type{
        fdisk_label_get_parttype_from_code(fdisk_get_label(context, nullptr), code)};
    fdisk_partition_set_partno(partition.get(), number);
    fdisk_partition_set_start(partition.get(), extent.start / sector);
    fdisk_partition_set_size(partition.get(), extent.size / sector);
    fdisk_partition_size_explicit(partition.get(), 1);
    fdisk_partition_set_type(partition.get(), type.get());
    return fdisk_add_partition(context, partition.get(), nullptr);
}

int fill(fdisk_context* context, const Card& card) {
    if (const int made = fdisk_create_disklabel(context, "dos"); made < 0) return made;
    if (const int added = add(context, 0, card.boot, fat_lba); added < 0) return added;
    if (const int added = add(context, 1, card.root, linux_native); added < 0) return added;
    fdisk_toggle_partition_flag(context, 0, DOS_FLAG_ACTIVE);
    return fdisk_write_disklabel(context);
}

bool is_fat(unsigned code) { return std::ranges::find(fat_types, code) != fat_types.end(); }

/// Takes the first partition of either kind.
void take(fdisk_context* context, fdisk_partition* partition, Card& card) {
    fdisk_parttype* type = fdisk_partition_get_type(partition);
    if (type == nullptr || fdisk_partition_has_start(partition) == 0) return;
    const std::uint64_t sector = fdisk_get_sector_size(context);
    const Extent found{fdisk_partition_get_start(partition) * sector,
                       fdisk_partition_get_size(partition) * sector};
    const unsigned code = fdisk_parttype_get_code(type);
    if (is_fat(code) && card.boot.size == 0) card.boot = found;
    if (code == linux_native && card.root.size == 0) card.root = found;
}

Outcome<Card> read(fdisk_context* context, const std::string& path) {
    if (fdisk_is_label(context, DOS) == 0) return Problem{path + " has no MBR"};
    fdisk_table* listed = nullptr;
    const int got = fdisk_get_partitions(context, &listed);
    const std::unique_ptr<fdisk_table, Free> table{listed};
    if (got < 0) return failed(path, got);
    const std::unique_ptr<fdisk_iter, Free> iterator{fdisk_new_iter(FDISK_ITER_FORWARD)};
    Card card;
    fdisk_partition* partition = nullptr;
    while (fdisk_table_next_partition(table.get(), iterator.get(), &partition) == 0)
        take(context, partition, card);
    if (card.boot.size == 0 || card.root.size == 0)
        return Problem{path + " needs a FAT partition with the boot files and a Linux partition"};
    return card;
}

bool are_same(const Extent& one, const Extent& other) {
    return one.start == other.start && one.size == other.size;
}

}  // namespace

Outcome<Card> lay_out(std::uint64_t disk, std::uint64_t boot, std::uint64_t root) {
    constexpr std::uint64_t sector = 512;
    Card card;
    card.boot = {alignment, rounded_up(boot)};
    card.root.start = card.boot.start + card.boot.size;
    const std::uint64_t end = std::min(disk, most_sectors * sector) / mebibyte * mebibyte;
    if (end < card.root.start + root)
        return Problem{"too small: " + in_units(disk) + ", and " +
                       in_units(card.root.start + root) + " are needed at least"};
    card.root.size = end - card.root.start;
    return card;
}

Outcome<std::string> write_partition_table(const std::string& path, const Card& card) {
    auto context = open(path, false);
    if (!context) return context.error();
    int done = fill(context->get(), card);
    char* text = nullptr;
    if (done >= 0) done = fdisk_get_disklabel_id(context->get(), &text);
    const std::unique_ptr<char, Free> identifier{text};
    if (done >= 0) done = fdisk_deassign_device(context->get(), 0);
    if (done < 0) return failed(path, done);
    auto written = read_partition_table(path);
    if (!written) return written.error();
    if (!are_same(written->boot, card.boot) || !are_same(written->root, card.root))
        return Problem{"the partition table of " + path + " reads differently than it was written"};
    return std::string{identifier.get()};
}

Outcome<Card> read_partition_table(const std::string& path) {
    auto context = open(path, true);
    if (!context) return context.error();
    auto card = read(context->get(), path);
    fdisk_deassign_device(context->get(), 1);
    return card;
}

}  // namespace hsm4::rootfs
