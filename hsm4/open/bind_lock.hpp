// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// BIND_LOCK: from development to production, for good.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// `kept_slots` (bit N: slot N) must include the slot that the channel was opened by; the module
/// forgets the other bindings. `wrong_state` when it is in production already.
Status lock_binding(Channel& channel, std::uint8_t kept_slots);

}  // namespace hsm4::open
