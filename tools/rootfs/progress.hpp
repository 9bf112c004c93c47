// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the console and `status` show while a disk is worked on.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "hsm4/clock.hpp"
#include "hsm4/json.hpp"
#include "tools/rootfs/encryption.hpp"

namespace hsm4::rootfs {

/// Lives as long as the boot, and is still there in the system that it ends in.
inline constexpr const char* progress_path = "/run/hsm4-rootfs/progress.json";

struct Advance {
    std::string what;        ///< "encrypting"
    std::uint64_t done = 0;  ///< bytes
    std::uint64_t all = 0;   ///< bytes
    std::uint64_t rate = 0;  ///< bytes a second; 0 when it is not known yet
    std::uint64_t seconds_left() const { return rate == 0 ? 0 : (all - done) / rate; }
};

/// "encrypting: 1.2 GiB of 3.4 GiB, 23 MiB/s, about 4 minutes left".
std::string progress_line(const Advance& advance);

json::Owner to_json(const Advance& advance);
/// As JSON in a file, for other programs. Best effort: nothing depends on it.
void save_advance(const std::string& file, const Advance& advance);
/// Nothing when there is none, or it cannot be read.
std::optional<Advance> load_advance(const std::string& file);

/// Gives such a line to `print` every few seconds, and keeps `file` up to date. Lives as long as
/// the work.
class ProgressPrinter {
public:
    using Print = std::function<void(const std::string& line)>;
    ProgressPrinter(std::string what, const Clock& clock, std::string file, Print print)
        : what_{std::move(what)}, clock_{clock}, file_{std::move(file)}, print_{std::move(print)} {}
    void show(std::uint64_t done, std::uint64_t all);

private:
    std::uint64_t rate(std::uint64_t done, Clock::Time now) const;

    std::string what_;
    const Clock& clock_;
    std::string file_;
    Print print_;
    Clock::Time begun_;
    Clock::Time shown_;
    std::uint64_t before_ = 0;  ///< bytes that were done when the clock began to run
    bool begun_yet_ = false;
};

}  // namespace hsm4::rootfs
