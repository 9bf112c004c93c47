// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The try counters of locked keys with PIN.
#pragma once

#include "hsm4/device/state.hpp"

namespace hsm4::device {

/// A new record. When all are taken, the oldest that was never unlocked makes room (its enrolment
/// was given up half-way); nullptr when there is none of that kind.
PinRecord* add_pin_record(State& state, std::uint32_t generation);

/// nullptr when it was forgotten, or died with its generation.
PinRecord* find_pin_record(State& state, std::uint32_t id);

/// False when there was none.
bool forget_pin_record(State& state, std::uint32_t id);

/// Those of generations before `generation`.
void forget_pin_records_before(State& state, std::uint32_t generation);

}  // namespace hsm4::device
