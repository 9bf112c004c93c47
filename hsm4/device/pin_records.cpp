// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Making, finding and forgetting try counters.
#include "hsm4/device/pin_records.hpp"

#include <algorithm>
#include <limits>

namespace hsm4::device {

PinRecord* add_pin_record(State& state, std::uint32_t generation) {
    if (state.last_pin == std::numeric_limits<std::uint32_t>::max()) return nullptr;
    if (state.pins.size() >= wire::most_pins) {
        // Records stand in the order of their making.
        const auto unused = std::ranges::find(state.pins, false, &PinRecord::used);
        if (unused == state.pins.end()) return nullptr;
        state.pins.erase(unused);
    }
    state.pins.push_back({++state.last_pin, generation, state.policy.pin_tries, false});
    return &state.pins.back();
}

PinRecord* find_pin_record(State& state, std::uint32_t id) {
    const auto found = std::ranges::find(state.pins, id, &PinRecord::id);
    return found == state.pins.end() ? nullptr : &*found;
}

bool forget_pin_record(State& state, std::uint32_t id) {
    return std::erase_if(state.pins, [id](const PinRecord& pin) { return pin.id == id; }) != 0;
}

void forget_pin_records_before(State& state, std::uint32_t generation) {
    std::erase_if(state.pins,
                  [generation](const PinRecord& pin) { return pin.generation < generation; });
}

}  // namespace hsm4::device
