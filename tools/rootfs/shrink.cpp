// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// resize2fs on a snapshot, and merging.
#include "tools/rootfs/shrink.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>
#include <string_view>

#include "hsm4/clock.hpp"
#include "hsm4/files.hpp"
#include "tools/fault_point.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/loop.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/superblock.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::chrono::seconds quick{60};
constexpr std::chrono::milliseconds pause{200};
constexpr std::uint64_t least_step = 4 * mebibyte;
constexpr std::uint64_t finest = 16 * mebibyte;  // of how much more is tried when there is no room
constexpr std::uint64_t sector = 512;
constexpr const char* chunk_sectors = "16";  // 8 KiB, the unit of copying
constexpr const char* copying = "copying";
constexpr const char* merging = "merging";

Done sync_file(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    if (!file || ::fsync(file.get()) != 0) return Problem{path + ": " + std::strerror(errno)};
    return done();
}

/// A store without the head that the kernel would know it by.
Done blank_store(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    const Bytes zeros(64U << 10);
    if (!file ||
        ::pwrite(file.get(), zeros.data(), zeros.size(), 0) != static_cast<ssize_t>(zeros.size()) ||
        ::fsync(file.get()) != 0)
        return Problem{path + ": " + std::strerror(errno)};
    return done();
}

Outcome<std::uint64_t> device_size(const std::string& path) {
    const Descriptor device{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    std::uint64_t size = 0;
    if (!device || ::ioctl(device.get(), BLKGETSIZE64, &size) != 0)
        return Problem{path + ": " + std::strerror(errno)};
    return size;
}

/// A device-mapper target "snapshot" or "snapshot-merge", for as long as this lives.
class Mapping {
public:
    static Outcome<Mapping> make(const std::string& target, const ShrinkOrder& order,
                                 const std::string& store) {
        auto size = device_size(order.device);
        if (!size) return size.error();
        const std::string table = "0 " + std::to_string(*size / sector) + ' ' + target + ' ' +
                                  order.device + ' ' + store + " P " + chunk_sectors;
        auto made = run(
            {"dmsetup", "create", order.name, "--noudevsync", "--noudevrules", "--table", table},
            quick);
        if (!made) return made.error();
        Mapping mapping{order.name};
        auto device =
            run({"dmsetup", "info", "-c", "--noheadings", "-o", "blkdevname", order.name}, quick);
        if (!device) return device.error();
        mapping.node_ = "/dev/" + device->substr(0, device->find('\n'));
        return mapping;
    }
    Mapping(Mapping&& other) noexcept
        : name_{std::exchange(other.name_, {})}, node_{std::move(other.node_)} {}
    Mapping& operator=(Mapping&&) = delete;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { static_cast<void>(remove()); }

    /// The kernel's own name: the one in /dev/mapper is up to udev, which may be late or absent.
    const std::string& node() const noexcept { return node_; }
    Outcome<StoreStatus> status() const {
        auto output = run({"dmsetup", "status", name_}, quick);
        if (!output) return output.error();
        return parse_store_status(*output);
    }
    Done remove() {
        if (name_.empty()) return done();
        return run_quietly(
            {"dmsetup", "remove", "--noudevsync", "--retry", std::exchange(name_, {})}, quick);
    }

private:
    explicit Mapping(std::string name) : name_{std::move(name)} {}
    std::string name_;
    std::string node_;
};

/// 0 clean, 1 repaired; a repair that needs a person or a reboot is none for us.
Done check(const std::string& device) {
    return run_quietly({"e2fsck", "-f", "-p", device}, patient, 1);
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

struct Copied {
    Step step = Step::fits;
    StoreStatus store;
};

/// On the snapshot. When it fits, the store is complete and durable.
Outcome<Copied> copy_step(const ShrinkOrder& order, const std::string& store, std::uint64_t size) {
    if (Done blank = blank_store(order.store); !blank) return blank.error();
    auto snapshot = Mapping::make("snapshot", order, store);
    if (!snapshot) return snapshot.error();
    auto resized = resize(snapshot->node(), size);
    Done synced = resized ? sync_file(snapshot->node()) : done();
    auto status = snapshot->status();
    if (!status) return status.error();
    if (!status->usable) return Copied{Step::store_too_small, *status};
    if (!resized) return resized.error();
    if (*resized != Step::fits) return Copied{*resized, *status};
    if (!synced) return synced.error();
    if (Done removed = snapshot->remove(); !removed) return removed.error();
    if (Done stored = sync_file(store); !stored) return stored.error();
    if (Done stored = sync_file(order.store); !stored) return stored.error();
    return Copied{Step::fits, *status};
}

/// May be cut off and repeated: the store's metadata says what is left.
Done merge(const ShrinkOrder& order, const std::string& store) {
    auto mapping = Mapping::make("snapshot-merge", order, store);
    if (!mapping) return mapping.error();
    SystemClock clock;
    const Deadline deadline{clock, patient};
    for (;;) {
        auto status = mapping->status();
        if (!status) return status.error();
        if (!status->usable) return Problem{"the store of the snapshot cannot be read any more"};
        if (status->merged()) break;
        if (deadline.expired()) return Problem{"merging the snapshot takes too long"};
        clock.sleep(pause);
    }
    if (Done removed = mapping->remove(); !removed) return removed;
    return sync_file(order.device);
}

Done put(DurableRecord& record, const char* content) {
    fault_point();
    Status stored = record.store(content);
    if (!stored) return Problem{stored.error()};
    return done();
}

Done merge_whole(const ShrinkOrder& order, const std::string& store, DurableRecord& record) {
    if (Done merged = merge(order, store); !merged) return merged;
    return put(record, copying);
}

/// Whole MiB, and not below the target.
std::uint64_t next_size(std::uint64_t size, std::uint64_t target, std::uint64_t step) {
    return size > target + step ? (size - step) / mebibyte * mebibyte : target;
}

/// What the next attempt is to reach, and by which step in bytes.
struct Aim {
    std::uint64_t target = 0;
    std::uint64_t step = 0;
};

/// An eighth more than what failed; in the end, what there is.
Done ask_for_less(const ShrinkOrder& order, std::uint64_t size, std::uint64_t failed, Aim& aim) {
    aim.target = (failed + std::max(failed / 8, finest)) / mebibyte * mebibyte;
    if (aim.target < size) return done();
    aim.target = size;
    if (size <= order.enough) return done();
    return Problem{"the file system cannot be made smaller than " + in_units(size)};
}

Done shrink_once(const ShrinkOrder& order, const std::string& store, DurableRecord& record,
                 std::uint64_t size, Aim& aim) {
    const std::uint64_t wanted = next_size(size, aim.target, aim.step);
    auto copied = copy_step(order, store, wanted);
    if (!copied) return copied.error();
    if (copied->step == Step::no_room) return ask_for_less(order, size, wanted, aim);
    if (copied->step == Step::store_too_small && aim.step == least_step)
        return Problem{"the store for the snapshot is too small to shrink by " +
                       in_units(least_step)};
    aim.step = std::max(next_step(size - wanted, copied->store), least_step);
    if (copied->step == Step::store_too_small) return done();
    if (Done on = put(record, merging); !on) return on;
    return merge_whole(order, store, record);
}

Done shrink_by_steps(const ShrinkOrder& order, const std::string& store, DurableRecord& record,
                     const ShrinkProgress& progress) {
    Aim aim{order.target, order.step};
    for (;;) {
        auto now = read_ext4(order.device);
        if (!now) return now.error();
        if (progress) progress(now->size());
        if (now->size() <= aim.target) return done();
        aim.step = std::max(aim.step == 0 ? now->size() : aim.step, least_step);
        if (Done made = shrink_once(order, store, record, now->size(), aim); !made) return made;
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

std::uint64_t next_step(std::uint64_t step, const StoreStatus& store) noexcept {
    constexpr std::uint64_t most = 8;
    if (!store.usable) return step / 4;
    const std::uint64_t moved = std::max<std::uint64_t>(store.allocated, 1);
    const std::uint64_t wished = store.total * 3 / 4;
    if (wished >= moved * most) return step * most;
    return step / moved * wished;
}

Done begin_record(DurableRecord& record) { return put(record, copying); }

Outcome<bool> is_merging(DurableRecord& record) {
    auto begun = record.load();
    if (!begun) return Problem{begun.error()};
    return *begun && **begun == merging;
}

Done finish_merge(const ShrinkOrder& order, DurableRecord& record) {
    auto begun = is_merging(record);
    if (!begun) return begun.error();
    if (!*begun) return done();
    auto loop = Loop::attach(order.store);
    if (!loop) return loop.error();
    return merge_whole(order, loop->device(), record);
}

Done shrink(const ShrinkOrder& order, DurableRecord& record, const ShrinkProgress& progress) {
    if (Done merged = finish_merge(order, record); !merged) return merged;
    auto loop = Loop::attach(order.store);
    if (!loop) return loop.error();
    if (Done sound = check(order.device); !sound) return sound;
    if (Done put_down = put(record, copying); !put_down) return put_down;
    return shrink_by_steps(order, loop->device(), record, progress);
}

}  // namespace hsm4::rootfs
