// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Refusals by sysfs and mountinfo; BLKPG.
#include "tools/rootfs/provision/target.hpp"

#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "hsm4/clock.hpp"
#include "hsm4/mounts.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t sector = 512;  // sysfs counts in these
constexpr std::chrono::minutes discard_limit{10};

Problem failed(const std::string& node) { return Problem{node + ": " + std::strerror(errno)}; }

std::string node_of(const fs::path& disk, const Machine& machine) {
    return machine.dev + '/' + disk.filename().string();
}

/// The disk and its partitions, in sysfs.
std::vector<fs::path> parts_of(const fs::path& disk) {
    std::vector<fs::path> parts{disk};
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{disk, error})
        if (fs::exists(entry.path() / "partition", error)) parts.push_back(entry.path());
    return parts;
}

std::vector<std::string> swaps(const Machine& machine) {
    std::vector<std::string> nodes;
    std::ifstream table{machine.proc + "/swaps"};
    for (std::string line; std::getline(table, line);)
        nodes.push_back(line.substr(0, line.find_first_of(" \t")));
    return nodes;
}

/// What lies on `part` directly or through mappings, itself included.
void collect_above(const fs::path& part, std::vector<fs::path>& found, int level = 0) {
    constexpr int deepest = 8;
    found.push_back(part);
    if (level == deepest) return;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{part / "holders", error})
        collect_above(fs::canonical(entry.path(), error), found, level + 1);
}

constexpr const char* running_system = "is the disk of the running system";  // the best of reasons

/// Mounted, or swap; empty when neither.
std::string use_of_device(const fs::path& device, const Machine& machine) {
    const std::string number = first_line(device / "dev");
    for (const Mount& mount : mounts(machine))
        if (mount.device == number)
            return mount.point == "/" ? running_system : "is mounted at " + mount.point;
    const auto used = swaps(machine);
    if (std::ranges::find(used, node_of(device, machine)) != used.end()) return "is in use as swap";
    return {};
}

/// Why the disk is in use; empty when it is not.
std::string use_of(const fs::path& disk, const Machine& machine) {
    std::vector<fs::path> above;
    for (const fs::path& part : parts_of(disk)) collect_above(part, above);
    std::string found;
    for (const fs::path& device : above)
        if (std::string use = use_of_device(device, machine);
            found.empty() || use == running_system)
            found = std::move(use);
    if (!found.empty()) return found;
    for (const fs::path& device : above) {
        const std::string name = device.filename().string();
        if (name.starts_with("dm-") || name.starts_with("md"))
            return "is in use by " + name + " " + first_line(device / "dm/name");
    }
    return {};
}

/// One ioctl about a partition; the kernel wants a structure in a structure.
int partition_call(int disk, int operation, int number, const Extent& extent) {
    blkpg_partition partition = {};
    partition.pno = number;
    partition.start = static_cast<long long>(extent.start);
    partition.length = static_cast<long long>(extent.size);
    blkpg_ioctl_arg call = {};
    call.op = operation;
    call.datalen = sizeof partition;
    call.data = &partition;
    return ::ioctl(disk, BLKPG, &call);
}

Done forget_partitions(int disk, const Target& target) {
    for (const fs::path& part : parts_of(target.sysfs)) {
        const auto number = static_cast<int>(number_in(part / "partition").value_or(0));
        if (number != 0 && partition_call(disk, BLKPG_DEL_PARTITION, number, {}) != 0)
            return failed(target.node);
    }
    return done();
}

/// Where an MBR, a GPT and its copy at the end lie, and most other signatures.
Done write_zeros(int disk, const Target& target) {
    const Bytes zeros(mebibyte);
    for (const std::uint64_t at : {std::uint64_t{0}, target.size - mebibyte})
        if (::pwrite(disk, zeros.data(), zeros.size(), static_cast<off_t>(at)) !=
            static_cast<ssize_t>(zeros.size()))
            return failed(target.node);
    return ::fsync(disk) == 0 ? done() : Done{failed(target.node)};
}

/// Best effort, and bounded: a slow reader may take minutes for a large card.
void discard(int disk, std::uint64_t size) {
    constexpr std::uint64_t step = 1024 * mebibyte;
    const SystemClock clock;
    const Deadline deadline{clock, discard_limit};
    for (std::uint64_t at = 0; at < size && !deadline.expired(); at += step) {
        std::uint64_t range[2] = {at, std::min(step, size - at)};
        if (::ioctl(disk, BLKDISCARD, range) != 0) return;
    }
}

}  // namespace

std::string Target::partition(unsigned number) const {
    const bool digit = node.back() >= '0' && node.back() <= '9';
    return node + (digit ? "p" : "") + std::to_string(number);
}

Outcome<Target> examine_disk(const fs::path& disk, const Machine& machine) {
    std::error_code error;
    const std::string node = node_of(disk, machine);
    if (fs::exists(disk / "partition", error))
        return Problem{
            node + " is a partition; name the whole disk, " + node_of(disk.parent_path(), machine),
            enroll::exit_usage};
    if (fs::exists(disk / "dm", error) || fs::exists(disk / "md", error))
        return Problem{node + " is no disk of its own", enroll::exit_usage};
    if (const std::string use = use_of(disk, machine); !use.empty())
        return Problem{node + " " + use};
    if (first_line(disk / "ro") == "1")
        return Problem{node + " is read-only (a switch on the card?)"};
    const Target target{node, disk, number_in(disk / "size").value_or(0) * sector};
    if (target.size == 0) return Problem{node + " has no medium"};
    return target;
}

Outcome<Target> examine_target(const std::string& path, const Machine& machine) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) return failed(path);
    if (!S_ISBLK(status.st_mode)) return Problem{path + " is no block device", enroll::exit_usage};
    std::error_code error;
    const fs::path disk =
        fs::canonical(machine.sys + "/dev/block/" + std::to_string(major(status.st_rdev)) + ':' +
                          std::to_string(minor(status.st_rdev)),
                      error);
    if (error) return Problem{path + " is not in sysfs"};
    auto target = examine_disk(disk, machine);
    if (!target) return target;
    const Descriptor alone{::open(target->node.c_str(), O_RDWR | O_EXCL | O_CLOEXEC)};
    if (!alone) return failed(target->node);
    return target;
}

Outcome<OpenTarget> OpenTarget::clear(const Target& target) {
    Descriptor disk{::open(target.node.c_str(), O_RDWR | O_CLOEXEC)};
    if (!disk) return failed(target.node);
    if (Done gone = forget_partitions(disk.get(), target); !gone) return gone.error();
    if (Done cleared = write_zeros(disk.get(), target); !cleared) return cleared.error();
    discard(disk.get(), target.size);
    // Not every disk reads zeros where it was discarded.
    if (Done cleared = write_zeros(disk.get(), target); !cleared) return cleared.error();
    return OpenTarget{target, std::move(disk)};
}

OpenTarget::~OpenTarget() {
    if (!disk_) return;
    static_cast<void>(forget_partitions(disk_.get(), target_));
    ::ioctl(disk_.get(), BLKRRPART, 0);  // shows a table that was written meanwhile
}

Done OpenTarget::show(const Card& card) {
    if (partition_call(disk_.get(), BLKPG_ADD_PARTITION, 1, card.boot) != 0 ||
        partition_call(disk_.get(), BLKPG_ADD_PARTITION, 2, card.root) != 0)
        return failed(target_.node);
    return done();
}

Done OpenTarget::forget_cache() const {
    if (::fsync(disk_.get()) != 0 || ::ioctl(disk_.get(), BLKFLSBUF, 0) != 0)
        return failed(target_.node);
    return done();
}

Done OpenTarget::unmake() const { return write_zeros(disk_.get(), target_); }

}  // namespace hsm4::rootfs
