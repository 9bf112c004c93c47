// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's clock: the system's, which an injected event can put forward.
#pragma once

#include "hsm4/clock.hpp"

namespace hsm4::emulator {

class ModuleClock final : public Clock {
public:
    Time now() const override { return system_.now() + ahead_; }
    void sleep(std::chrono::microseconds time) override { system_.sleep(time); }
    void put_forward(std::chrono::seconds time) noexcept { ahead_ += time; }

private:
    SystemClock system_;
    std::chrono::microseconds ahead_{0};
};

}  // namespace hsm4::emulator
