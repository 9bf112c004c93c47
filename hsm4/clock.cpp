// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The real clock, and budgets of time.
#include "hsm4/clock.hpp"

#include <algorithm>
#include <thread>

namespace hsm4 {

Clock::Time SystemClock::now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now());
}

void SystemClock::sleep(std::chrono::microseconds time) { std::this_thread::sleep_for(time); }

std::chrono::microseconds Deadline::left() const {
    return std::max(std::chrono::microseconds{0}, end_ - clock_->now());
}

Deadline Deadline::at_most(std::chrono::microseconds budget) const {
    return Deadline{*clock_, std::min(budget, left())};
}

}  // namespace hsm4
