// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Discarding, looking, overwriting.
#include "tools/rootfs/clearing.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>

#include "hsm4/files.hpp"
#include "tools/fault_point.hpp"
#include "tools/rootfs/plan.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::size_t chunk = 4 * mebibyte;  // read and written at once
constexpr std::size_t stride = mebibyte;     // of which one sample is looked at
constexpr std::size_t sample = 4096;
constexpr std::uint64_t edge = 8 * mebibyte;  // read in full at both ends

struct Range {
    const std::string& device;
    int file;
    std::uint64_t from;
    std::uint64_t end;

    Problem problem(const char* what) const {
        return Problem{device + " cannot be " + what + ": " + std::strerror(errno)};
    }
};

/// Memory that the disk can be read into and written from without the kernel's cache, which would
/// cost more than the reading when gigabytes are looked at.
class Buffer {
public:
    Buffer() : memory_{static_cast<std::byte*>(std::aligned_alloc(sample, chunk)), &std::free} {
        if (!memory_) throw std::bad_alloc{};
        std::fill_n(memory_.get(), chunk, std::byte{});
    }
    std::span<std::byte> first(std::size_t size) const { return {memory_.get(), size}; }

private:
    std::unique_ptr<std::byte, decltype(&std::free)> memory_;
};

/// Eight bytes at a time: in gigabytes it counts.
bool is_all(std::byte value, View bytes) {
    std::uint64_t pattern = 0;
    std::memset(&pattern, std::to_integer<int>(value), sizeof pattern);
    std::uint64_t difference = 0;
    std::size_t at = 0;
    for (std::uint64_t word = 0; at + sizeof word <= bytes.size(); at += sizeof word) {
        std::memcpy(&word, bytes.data() + at, sizeof word);
        difference |= word ^ pattern;
    }
    for (; at < bytes.size(); ++at) difference |= std::to_integer<std::uint64_t>(bytes[at] ^ value);
    return difference == 0;
}

/// Zeros, or what flash memory holds when it is erased: some cards show it as it is.
bool is_clear(View bytes) {
    constexpr std::byte erased{0xFF};
    constexpr std::size_t block = 4096;  // after which one look tells whether to go on
    if (bytes.empty()) return true;
    const std::byte value = bytes.front();
    if (value != std::byte{} && value != erased) return false;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(block, bytes.size())))
        if (!is_all(value, bytes.first(std::min(block, bytes.size())))) return false;
    return true;
}

Done read_at(const Range& range, std::uint64_t at, std::span<std::byte> out) {
    const ssize_t size = ::pread(range.file, out.data(), out.size(), static_cast<off_t>(at));
    if (size != static_cast<ssize_t>(out.size())) return range.problem("read");
    return done();
}

/// False where the device does not know how. In parts: nobody else gets at the device meanwhile,
/// and a card may take its time.
bool discard(const Range& range) {
    constexpr std::uint64_t most = 64 * mebibyte;
    for (std::uint64_t at = range.from; at < range.end; at += most) {
        std::uint64_t part[2] = {at, std::min(most, range.end - at)};
        if (::ioctl(range.file, BLKDISCARD, &part) != 0) return false;
    }
    return true;
}

/// One sample of each stride, at another place in each, and all of both ends: a device discards
/// whole units of its own, which seldom begin and end where the range does.
Outcome<bool> looks_clear(const Range& range) {
    const Buffer buffer;
    std::uint64_t place = 0;
    for (std::uint64_t at = range.from; at < range.end; at += stride) {
        const std::uint64_t rest = range.end - at;
        const bool whole = at < range.from + edge || rest <= edge;
        const std::uint64_t size = whole ? std::min<std::uint64_t>(stride, rest) : sample;
        place = (place + 83 * sample) % stride;
        const auto part = buffer.first(static_cast<std::size_t>(size));
        if (Done read = read_at(range, whole ? at : at + place, part); !read) return read.error();
        if (!is_clear(part)) return false;
    }
    return true;
}

Done overwrite(const Range& range, const Progress& progress) {
    const Buffer buffer;
    const Buffer zeros;
    for (std::uint64_t at = range.from; at < range.end; at += chunk) {
        const std::size_t size =
            static_cast<std::size_t>(std::min<std::uint64_t>(chunk, range.end - at));
        if (Done read = read_at(range, at, buffer.first(size)); !read) return read;
        if (!is_clear(buffer.first(size))) {
            fault_point();
            if (::pwrite(range.file, zeros.first(size).data(), size, static_cast<off_t>(at)) !=
                static_cast<ssize_t>(size))
                return range.problem("overwritten");
        }
        if (progress && !progress(at + size - range.from, range.end - range.from))
            return Problem{"the clearing was paused"};
    }
    if (::fsync(range.file) != 0) return range.problem("overwritten");
    return done();
}

Outcome<std::uint64_t> size_of(const std::string& device, int file) {
    struct stat status = {};
    std::uint64_t size = 0;
    if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode))
        return static_cast<std::uint64_t>(status.st_size);
    if (::ioctl(file, BLKGETSIZE64, &size) != 0)
        return Problem{device + ": " + std::strerror(errno)};
    return size;
}

}  // namespace

Done clear_from(const std::string& device, std::uint64_t from, const Progress& progress) {
    Descriptor file{::open(device.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC)};
    // Not every file system can do that with its files.
    if (!file) file = Descriptor{::open(device.c_str(), O_RDWR | O_CLOEXEC)};
    if (!file) return Problem{device + ": " + std::strerror(errno)};
    auto size = size_of(device, file.get());
    if (!size) return size.error();
    const Range range{device, file.get(), from, *size};
    if (from >= *size) return done();
    fault_point();
    if (discard(range)) {
        if (::fsync(range.file) != 0) return range.problem("written");
        auto clear = looks_clear(range);
        if (!clear) return clear.error();
        if (*clear) return done();
    }
    return overwrite(range, progress);
}

}  // namespace hsm4::rootfs
