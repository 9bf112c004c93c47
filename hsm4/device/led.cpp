// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Which pattern is shown.
#include "hsm4/device/led.hpp"

namespace hsm4::device {

std::string_view to_text(LedPattern pattern) noexcept {
    switch (pattern) {
        case LedPattern::searching: return "searching";
        case LedPattern::development: return "development";
        case LedPattern::production: return "production";
        case LedPattern::interrupted: return "interrupted";
        case LedPattern::destroyed: return "destroyed";
        case LedPattern::locked_out: return "locked-out";
        case LedPattern::on: return "on";
        case LedPattern::off: return "off";
        case LedPattern::flash: return "flash";
    }
    return "unknown";
}

void Led::order(const LedOrder& order, Clock::Time now) noexcept {
    order_ = order;
    since_ = now;
}

LedPattern Led::show(LedPattern automatic, Clock::Time now) const noexcept {
    switch (order_.mode) {
        case wire::LedMode::automatic: return automatic;
        case wire::LedMode::on: return LedPattern::on;
        case wire::LedMode::off: return LedPattern::off;
        case wire::LedMode::flash: break;
    }
    const std::chrono::milliseconds once{order_.on_ms + order_.off_ms};
    const bool over = order_.flashes != 0 && now - since_ >= once * order_.flashes;
    return over ? automatic : LedPattern::flash;
}

}  // namespace hsm4::device
