// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From the unlocked key to the LUKS passphrase.
#pragma once

#include <optional>

#include "hsm4/secret.hpp"

namespace hsm4 {

/// Without PIN the key itself. With PIN, 64 bytes of HKDF-SHA256(salt = PIN, IKM = key,
/// info = "hsm4 passphrase v1"), so that a broken module alone does not open the volume.
Result<SecretBytes> passphrase(const SecretBytes& key, std::optional<View> pin);

}  // namespace hsm4
