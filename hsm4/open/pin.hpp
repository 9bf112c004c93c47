// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// PIN: the try counters that the module keeps for locked keys with PIN.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

Result<std::vector<PinRecord>> read_pin_records(Channel& channel);

/// Forgets the counter of a locked key, or by its number. `refused` when there is none.
Status forget_pin(Channel& channel, View locked_key, const VolumeBinding& binding);
Status forget_pin(Channel& channel, std::uint32_t id);

}  // namespace hsm4::open
