// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// LED: what the module's light shows.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// `usage` for a flash without times.
Status order_led(Channel& channel, const LedOrder& order);

}  // namespace hsm4::open
