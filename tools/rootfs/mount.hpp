// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A file system, mounted as long as its owner lives.
#pragma once

#include <sys/mount.h>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

class Mounted {
public:
    static constexpr unsigned long usual = MS_NOATIME | MS_NODEV | MS_NOSUID;

    /// At `point`, which is made when it is not there.
    static Outcome<Mounted> mount(const std::string& device, const std::string& point,
                                  const char* type, unsigned long flags = usual);
    /// By mount(8), for what it alone can do; `options` as there.
    static Outcome<Mounted> by_program(const std::string& device, const std::string& point,
                                       const std::string& type, const std::string& options);
    Mounted(Mounted&& other) noexcept : point_{std::exchange(other.point_, {})} {}
    Mounted& operator=(Mounted&&) = delete;
    Mounted(const Mounted&) = delete;
    Mounted& operator=(const Mounted&) = delete;
    ~Mounted();

    const std::string& point() const noexcept { return point_; }
    /// A Problem when what was written may not be on the disk.
    Done unmount();

private:
    explicit Mounted(std::string point) : point_{std::move(point)} {}
    std::string point_;
};

/// Bytes in use in the file system that is mounted at `point`; 0 when it cannot be said.
std::uint64_t used_in(const std::string& point);

}  // namespace hsm4::rootfs
