// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// LED.
#include "hsm4/open/led.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

wire::LedMode wire_mode(LedMode mode) noexcept {
    switch (mode) {
        case LedMode::automatic: return wire::LedMode::automatic;
        case LedMode::on: return wire::LedMode::on;
        case LedMode::off: return wire::LedMode::off;
        case LedMode::flash: return wire::LedMode::flash;
    }
    return wire::LedMode::automatic;
}

}  // namespace

// request: opcode | mode u8 | on u16 (ms) | off u16 (ms) | flashes u16        answer: nothing
Status order_led(Channel& channel, const LedOrder& order) {
    if (order.mode == LedMode::flash && (order.on_ms == 0 || order.off_ms == 0))
        return Error{Errc::usage, "times of a flash"};
    wire::Writer request{8};
    request.put(static_cast<std::uint8_t>(wire::Opcode::led));
    request.put(static_cast<std::uint8_t>(wire_mode(order.mode)));
    request.put(order.on_ms).put(order.off_ms).put(order.flashes);
    return request_nothing(channel, request);
}

}  // namespace hsm4::open
