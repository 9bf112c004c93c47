// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Measuring a disk by a file of its own.
#include "tools/rootfs/rate.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <vector>

#include "hsm4/crypto.hpp"
#include "hsm4/files.hpp"
#include "tools/rootfs/plan.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::uint64_t sample = 32 * mebibyte;

std::uint64_t rate_of(std::chrono::microseconds time) {
    const auto spent = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 1));
    return sample * 1'000'000U / spent;
}

Status write_all(int file, View block) {
    for (std::uint64_t at = 0; at < sample; at += block.size())
        if (::pwrite(file, block.data(), block.size(), static_cast<off_t>(at)) !=
            static_cast<ssize_t>(block.size()))
            return Error{Errc::io, "measuring the disk", errno};
    if (::fsync(file) != 0) return Error{Errc::io, "measuring the disk", errno};
    return ok();
}

Status read_all(int file, std::span<std::byte> block) {
    for (std::uint64_t at = 0; at < sample; at += block.size())
        if (::pread(file, block.data(), block.size(), static_cast<off_t>(at)) !=
            static_cast<ssize_t>(block.size()))
            return Error{Errc::io, "measuring the disk", errno};
    return ok();
}

}  // namespace

Result<Rates> measure_rates(const std::string& directory, const Clock& clock) {
    const Descriptor file{::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)};
    if (!file) return Error{Errc::io, "measuring the disk", errno};
    // Random, so that no controller compresses it.
    Bytes block(mebibyte);
    if (Status filled = crypto::random_bytes(block); !filled) return filled.error();
    const auto start = clock.now();
    if (Status wrote = write_all(file.get(), block); !wrote) return wrote.error();
    const auto middle = clock.now();
    ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
    const auto before = clock.now();
    if (Status read = read_all(file.get(), block); !read) return read.error();
    return Rates{rate_of(clock.now() - before), rate_of(middle - start)};
}

}  // namespace hsm4::rootfs
