// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// BIND, first phase: the module chooses a salt, the host offers the pre-shared key made from it.
#pragma once

#include <functional>

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// Makes the binding's pre-shared key from the module's salt. Quick: a second of silence ends the
/// channel.
using DerivePsk = std::function<Result<Secret<wire::psk_size>>(const Array<wire::salt_size>&)>;

/// In a Noise_NK channel. The module keeps the key as pending for `slot` until an attestation under
/// it makes it active. Gives the salt.
Result<Array<wire::salt_size>> offer_key(Channel& channel, std::uint8_t slot,
                                         const DerivePsk& derive);

}  // namespace hsm4::open
