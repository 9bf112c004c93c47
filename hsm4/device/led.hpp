// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The LED: the state's own pattern, unless the host set another.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "hsm4/clock.hpp"
#include "hsm4/wire/protocol.hpp"

namespace hsm4::device {

/// The original's patterns.
enum class LedPattern {
    searching,    ///< 5 flashes per second: no host has proven itself
    development,  ///< 1 flash every 3 s
    production,   ///< 3 rapid flashes every 3 s
    interrupted,  ///< 1 s very rapid, 1 s off, 8 slow: the bus is disturbed
    destroyed,    ///< 1 s very rapid, 1 s off, 5 slow
    locked_out,   ///< rapid, then off for good
    on,
    off,
    flash,  ///< as the host said
};
/// One word, as above.
std::string_view to_text(LedPattern pattern) noexcept;

/// What a host asked for.
struct LedOrder {
    wire::LedMode mode = wire::LedMode::automatic;
    std::uint16_t on_ms = 0;  ///< of one flash
    std::uint16_t off_ms = 0;
    std::uint16_t flashes = 0;  ///< then automatic again; 0: without end
};

class Led {
public:
    void order(const LedOrder& order, Clock::Time now) noexcept;
    void reset() noexcept { order_ = {}; }
    const LedOrder& current() const noexcept { return order_; }
    /// What it shows now, where `automatic` is the state's own pattern.
    LedPattern show(LedPattern automatic, Clock::Time now) const noexcept;

private:
    LedOrder order_;
    Clock::Time since_;
};

}  // namespace hsm4::device
