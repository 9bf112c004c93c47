// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// POLICY: what the module does by itself.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

Result<Policy> read_policy(Channel& channel);
Status set_perimeter_action(Channel& channel, std::uint8_t perimeter_channel,
                            PerimeterAction action);
Status set_attest_interval(Channel& channel, std::uint32_t seconds);
Status set_pin_tries(Channel& channel, std::uint8_t tries);

}  // namespace hsm4::open
