// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// UNLOCK: the module opens a key that it locked.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// Whether `locked_key` was signed by the module for `binding`. Done before anything is sent:
/// `malformed` or `unauthentic` otherwise.
Status check_locked_key(const crypto::PublicKey& verify_key, View locked_key,
                        const VolumeBinding& binding);

/// `pin` of 1 to 64 bytes for a key that was locked with one.
Result<SecretBytes> unlock_key(Channel& channel, View locked_key, const VolumeBinding& binding,
                               std::optional<View> pin);

}  // namespace hsm4::open
