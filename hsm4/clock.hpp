// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Time and sleep as a seam: tests replace it, so no test waits and no deadline is real.
#pragma once

#include <chrono>

namespace hsm4 {

class Clock {
public:
    using Duration = std::chrono::milliseconds;
    using Time = std::chrono::time_point<std::chrono::steady_clock, std::chrono::microseconds>;

    virtual ~Clock() = default;
    virtual Time now() const = 0;
    virtual void sleep(std::chrono::microseconds time) = 0;
};

/// CLOCK_MONOTONIC and nanosleep.
class SystemClock final : public Clock {
public:
    Time now() const override;
    void sleep(std::chrono::microseconds time) override;
};

/// A budget of time that shrinks: passed down, so that all waits together stay within it.
class Deadline {
public:
    Deadline(const Clock& clock, std::chrono::microseconds budget)
        : clock_{&clock}, end_{clock.now() + budget} {}

    bool expired() const { return clock_->now() >= end_; }
    /// What is left, never negative.
    std::chrono::microseconds left() const;
    /// A deadline that ends after `budget`, or with this one if that is sooner.
    Deadline at_most(std::chrono::microseconds budget) const;

private:
    const Clock* clock_;
    Clock::Time end_;
};

}  // namespace hsm4
