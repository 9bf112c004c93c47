// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// resize2fs on a snapshot, and merging.
#include "tools/rootfs/shrink.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>

#include "hsm4/clock.hpp"
#include "tools/fault_point.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/fsck.hpp"
#include "tools/rootfs/mapped_device.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/store.hpp"
#include "tools/rootfs/superblock.hpp"
#include "tools/rootfs/text.hpp"
#include "tools/rootfs/usage.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::chrono::milliseconds pause{200};
constexpr std::uint64_t least_step = 4 * mebibyte;
constexpr std::uint64_t finest = 16 * mebibyte;  // of how much more is tried when there is no room
constexpr std::uint64_t movable_share = 2;       // of the store; the rest is for tables and lists
constexpr const char* chunk_sectors = "16";      // 8 KiB, the unit of copying
constexpr std::string_view copying = "copying";
constexpr std::string_view merging = "merging";  // followed by the store's offset, unless in a file

/// A device-mapper target "snapshot" or "snapshot-merge".
Outcome<MappedDevice> map(const std::string& target, const ShrinkOrder& order, const Store& store) {
    auto size = device_size(order.device);
    if (!size) return size.error();
    return MappedDevice::make(
        order.name, *size,
        target + ' ' + order.device + ' ' + store.device() + " P " + chunk_sectors);
}

Outcome<StoreStatus> status_of(const MappedDevice& mapping) {
    auto line = mapping.status();
    if (!line) return line.error();
    return parse_store_status(*line);
}

enum class Step {
    fits,
    store_too_small,
    no_room  ///< in a file system of that size
};

std::string complaint_of_resize2fs(const std::string& output) {
    constexpr std::string_view start = "resize2fs: ";
    const std::size_t at = output.find(start);
    if (at == std::string::npos) return "no message";
    return output.substr(at + start.size(), output.find('\n', at) - at - start.size());
}

/// Resizes on a device. A Problem for any other reason than room.
Outcome<Step> resize(const std::string& device, std::uint64_t size) {
    auto ended =
        run_command({"resize2fs", "-f", device, std::to_string(size >> 10) + 'K'}, patient);
    if (!ended) return Problem{ended.error()};
    if (ended->status == 0) return Step::fits;
    for (const char* reason : {"No space left on device", "Could not allocate block"})
        if (ended->output.find(reason) != std::string::npos) return Step::no_room;
    return Problem{"resize2fs failed: " + complaint_of_resize2fs(ended->output)};
}

/// On the snapshot. When it fits, the store is complete and durable.
Outcome<Step> copy_step(const ShrinkOrder& order, const Store& store, std::uint64_t size) {
    if (Done blank = store.blank(); !blank) return blank.error();
    auto snapshot = map("snapshot", order, store);
    if (!snapshot) return snapshot.error();
    auto resized = resize(snapshot->node(), size);
    Done synced = resized ? sync_path(snapshot->node()) : done();
    auto status = status_of(*snapshot);
    if (!status) return status.error();
    if (!status->usable) return Step::store_too_small;
    if (!resized || *resized != Step::fits) return resized;
    if (!synced) return synced.error();
    if (Done removed = snapshot->remove(); !removed) return removed.error();
    if (Done stored = store.sync(); !stored) return stored.error();
    return Step::fits;
}

/// May be cut off and repeated: the store's metadata says what is left.
Done merge(const ShrinkOrder& order, const Store& store) {
    auto mapping = map("snapshot-merge", order, store);
    if (!mapping) return mapping.error();
    SystemClock clock;
    const Deadline deadline{clock, patient};
    for (;;) {
        auto status = status_of(*mapping);
        if (!status) return status.error();
        if (!status->usable) return Problem{"the store of the snapshot cannot be read any more"};
        if (status->merged()) break;
        if (deadline.expired()) return Problem{"merging the snapshot takes too long"};
        clock.sleep(pause);
    }
    if (Done removed = mapping->remove(); !removed) return removed;
    return sync_path(order.device);
}

Done put(DurableRecord& record, const std::string& content) {
    fault_point();
    Status stored = record.store(content);
    if (!stored) return Problem{stored.error()};
    return done();
}

Done merge_whole(const ShrinkOrder& order, const Store& store, DurableRecord& record) {
    if (Done merged = merge(order, store); !merged) return merged;
    return put(record, std::string{copying});
}

Outcome<Store> open_store(const ShrinkOrder& order, std::uint64_t offset) {
    if (offset == 0) return Store::in_file(order.store);
    return Store::behind(order.device, offset, order.name + "-store");
}

/// The larger one of the two places, for a file system of `size` bytes.
Outcome<Store> larger_store(const ShrinkOrder& order, std::uint64_t size) {
    auto file = open_store(order, 0);
    if (!file) return file;
    auto partition = device_size(order.device);
    if (!partition) return partition.error();
    const std::uint64_t end = (size + mebibyte - 1) / mebibyte * mebibyte;
    if (end + file->size() >= *partition) return file;
    return open_store(order, end);
}

std::string merging_from(const Store& store) {
    std::string content{merging};
    if (store.offset() != 0) content += ' ' + std::to_string(store.offset());
    return content;
}

/// The offset of the store that is being merged, 0 for the one in a file; or nothing.
Outcome<std::optional<std::uint64_t>> merge_begun(DurableRecord& record) {
    auto begun = record.load();
    if (!begun) return Problem{begun.error()};
    std::optional<std::uint64_t> offset;
    if (!*begun || !(*begun)->starts_with(merging)) return offset;
    offset = 0;
    const std::string_view rest = std::string_view{**begun}.substr(merging.size());
    if (rest.empty()) return offset;
    const auto [end, failed] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), *offset);
    if (rest.front() != ' ' || failed != std::errc{} || end != rest.data() + rest.size() ||
        *offset == 0)
        return Problem{"the shrinking was begun by another version"};
    return offset;
}

/// What the next attempt is to reach, and by how much at most, in bytes.
struct Aim {
    std::uint64_t target = 0;
    std::uint64_t step = 0;
};

/// As much at once as the store can hold, by what lies where. Whole MiB, less than `size`.
Outcome<std::uint64_t> next_size(const ShrinkOrder& order, const Store& store, std::uint64_t size,
                                 const Aim& aim) {
    auto usage = read_usage(order.device);
    if (!usage) return usage.error();
    const std::uint64_t by_store = usage->size_that_moves(store.size() / movable_share);
    const std::uint64_t by_step = size - std::clamp(aim.step, least_step, size);
    const std::uint64_t wanted = std::max(by_store, (by_step + mebibyte - 1) / mebibyte * mebibyte);
    const std::uint64_t slowest = (size - std::min(size, least_step)) / mebibyte * mebibyte;
    return std::max(aim.target, std::min(wanted, slowest));
}

/// An eighth more than what failed; in the end, what there is.
Done ask_for_less(const ShrinkOrder& order, std::uint64_t size, std::uint64_t failed, Aim& aim) {
    aim.target = (failed + std::max(failed / 8, finest)) / mebibyte * mebibyte;
    if (aim.target < size) return done();
    aim.target = size;
    if (size <= order.enough) return done();
    return Problem{"the file system cannot be made smaller than " + in_units(size)};
}

Done ask_for_a_smaller_step(std::uint64_t step, Aim& aim) {
    if (step <= least_step)
        return Problem{"the store for the snapshot is too small to shrink by " + in_units(step)};
    aim.step = step / 4;
    return done();
}

Done shrink_once(const ShrinkOrder& order, DurableRecord& record, std::uint64_t size, Aim& aim) {
    auto store = larger_store(order, size);
    if (!store) return store.error();
    auto wanted = next_size(order, *store, size, aim);
    if (!wanted) return wanted.error();
    auto copied = copy_step(order, *store, *wanted);
    if (!copied) return copied.error();
    if (*copied == Step::no_room) return ask_for_less(order, size, *wanted, aim);
    if (*copied == Step::store_too_small) return ask_for_a_smaller_step(size - *wanted, aim);
    aim.step = size;
    if (Done on = put(record, merging_from(*store)); !on) return on;
    return merge_whole(order, *store, record);
}

/// What costs least, between what was planned and what will do.
Outcome<std::uint64_t> target_of(const ShrinkOrder& order) {
    auto usage = read_usage(order.device);
    if (!usage) return usage.error();
    return usage->cheapest_size(order.target, std::max(order.target, order.enough));
}

Done shrink_by_steps(const ShrinkOrder& order, DurableRecord& record,
                     const ShrinkProgress& progress) {
    auto target = target_of(order);
    if (!target) return target.error();
    Aim aim{*target, std::numeric_limits<std::uint64_t>::max()};
    for (;;) {
        auto now = read_ext4(order.device);
        if (!now) return now.error();
        if (progress) progress(now->size());
        if (now->size() <= aim.target) return done();
        if (Done made = shrink_once(order, record, now->size(), aim); !made) return made;
    }
}

}  // namespace

StoreStatus parse_store_status(const std::string& line) {
    std::istringstream words{line};
    StoreStatus status;
    std::string word;
    char slash = 0;
    // "0 204800 snapshot 16/8192 16"
    for (int skipped = 0; skipped < 3; ++skipped) words >> word;
    status.usable =
        static_cast<bool>(words >> status.allocated >> slash >> status.total >> status.metadata) &&
        slash == '/';
    return status;
}

Done begin_record(DurableRecord& record) { return put(record, std::string{copying}); }

Outcome<bool> is_merging(DurableRecord& record) {
    auto begun = merge_begun(record);
    if (!begun) return begun.error();
    return begun->has_value();
}

Done finish_merge(const ShrinkOrder& order, DurableRecord& record) {
    auto begun = merge_begun(record);
    if (!begun) return begun.error();
    if (!*begun) return done();
    auto store = open_store(order, **begun);
    if (!store) return store.error();
    return merge_whole(order, *store, record);
}

Done shrink(const ShrinkOrder& order, DurableRecord& record, const ShrinkProgress& progress) {
    if (Done merged = finish_merge(order, record); !merged) return merged;
    if (Done sound = repair(order.device); !sound) return sound;
    if (Done put_down = begin_record(record); !put_down) return put_down;
    return shrink_by_steps(order, record, progress);
}

}  // namespace hsm4::rootfs
