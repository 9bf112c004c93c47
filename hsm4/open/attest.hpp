// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// ATTEST: the module signs its state, in this very channel.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// Draws a nonce, and verifies the signature over it, the module's id and this handshake.
Result<Attestation> request_attestation(Channel& channel, const ModuleKeys& module);

}  // namespace hsm4::open
