// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the console shows while a disk is worked on.
#pragma once

#include <string>

#include "hsm4/clock.hpp"
#include "tools/rootfs/encryption.hpp"

namespace hsm4::rootfs {

/// "encrypting: 1.2 GiB of 3.4 GiB, 23 MiB/s, about 4 minutes left".
/// `before` bytes of `done` were done when the clock began to run.
std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t all,
                          std::uint64_t before, std::chrono::milliseconds since);

/// Prints such a line on standard output every few seconds. Lives as long as the work.
class ProgressPrinter {
public:
    ProgressPrinter(std::string what, const Clock& clock) : what_{std::move(what)}, clock_{clock} {}
    void show(std::uint64_t done, std::uint64_t all);

private:
    std::string what_;
    const Clock& clock_;
    Clock::Time begun_;
    Clock::Time shown_;
    std::uint64_t before_ = 0;
    bool begun_yet_ = false;
};

}  // namespace hsm4::rootfs
