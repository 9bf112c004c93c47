// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The way from a token in an opened header to the LUKS passphrase.
#pragma once

#include <optional>

#include "hsm4/secret.hpp"

struct crypt_device;

namespace hsm4::plugin {

/// Parses token `token_id` of `device`, checks pins and volume binding, waits (bounded) for the
/// module, and lets it unlock the key. `pin` need not end in NUL.
Result<SecretBytes> unlock(struct crypt_device* device, int token_id, std::optional<View> pin);

}  // namespace hsm4::plugin
