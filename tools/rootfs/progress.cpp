// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Lines of progress.
#include "tools/rootfs/progress.hpp"

#include <cstdio>

#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::chrono::seconds interval{5};

}  // namespace

std::string progress_line(const std::string& what, std::uint64_t done, std::uint64_t all,
                          std::uint64_t before, std::chrono::milliseconds since) {
    std::string line = what + ": " + in_units(done) + " of " + in_units(all);
    const auto milliseconds = static_cast<std::uint64_t>(since.count());
    if (milliseconds == 0 || done <= before) return line;
    const std::uint64_t rate = (done - before) * 1000 / milliseconds;
    if (rate == 0) return line;
    line += ", " + in_units(rate) + "/s";
    return done < all ? line + ", " + in_minutes((all - done) / rate) + " left" : line;
}

void ProgressPrinter::show(std::uint64_t done, std::uint64_t all) {
    const Clock::Time now = clock_.now();
    if (!begun_yet_) {
        begun_ = now;
        before_ = done;
    } else if (done < all && now - shown_ < interval) {
        return;
    }
    begun_yet_ = true;
    shown_ = now;
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_);
    std::printf("hsm4: %s\n", progress_line(what_, done, all, before_, since).c_str());
    std::fflush(stdout);
}

}  // namespace hsm4::rootfs
