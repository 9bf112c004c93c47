// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The log of what the administrator should know.
#pragma once

#include "hsm4/device/state.hpp"

namespace hsm4::device {

/// Keeps the first events; later ones are counted as lost. Those of the perimeter always find room:
/// a channel has one at most until it is cleared.
void add_event(EventLog& log, wire::EventKind kind, std::uint8_t detail, std::uint64_t time);

/// Forgets events up to number `through`.
void clear_events(EventLog& log, std::uint32_t through);

/// Whether the log holds an event of this perimeter channel.
bool has_perimeter_event(const EventLog& log, std::size_t channel);

}  // namespace hsm4::device
