// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Running other programs: e2fsck, resize2fs, dmsetup.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

struct Ended {
    int status = 0;      ///< exit status; 128 + N when signal N ended it
    std::string output;  ///< standard output and standard error, the last 64 KiB
};

/// Runs `words` without a shell, with empty standard input. `io` when it cannot be started,
/// `timeout` when it took longer than `limit`; it is killed then.
Result<Ended> run_command(const std::vector<std::string>& words, std::chrono::seconds limit);

/// The same for a program whose messages are for people: they go where ours go. `meanwhile` is
/// called again and again until it ends. Its exit status.
Result<int> run_watched(const std::vector<std::string>& words, std::chrono::seconds limit,
                        const std::function<void()>& meanwhile);

/// Of what takes as long as the disk is large and slow; nothing may wait for ever.
inline constexpr std::chrono::hours patient{12};

/// The same, and a Problem with the program's last line unless it ends with at most `highest_good`.
/// Its output.
Outcome<std::string> run(const std::vector<std::string>& words, std::chrono::seconds limit,
                         int highest_good = 0);

/// The same for a program whose output does not matter when all is well.
Done run_quietly(const std::vector<std::string>& words, std::chrono::seconds limit = patient,
                 int highest_good = 0);

}  // namespace hsm4::rootfs
