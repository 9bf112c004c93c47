// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// EVENTS: the module's log.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

Result<EventLog> read_events(Channel& channel);

/// Forgets events up to number `through`.
Status clear_events(Channel& channel, std::uint32_t through);

}  // namespace hsm4::open
