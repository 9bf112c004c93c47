// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Time that passes only when a test says so.
#pragma once

#include "hsm4/clock.hpp"

class TestClock final : public hsm4::Clock {
public:
    Time now() const override { return now_; }
    void sleep(std::chrono::microseconds time) override { pass(time); }
    void pass(std::chrono::microseconds time) { now_ += time; }

private:
    Time now_{std::chrono::hours{1}};
};
