// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Mixing the PIN into the passphrase.
#include "hsm4/passphrase.hpp"

#include "hsm4/crypto.hpp"

namespace hsm4 {

Result<SecretBytes> passphrase(const SecretBytes& key, std::optional<View> pin) {
    if (!pin) return key.clone();
    constexpr std::size_t size = 64;
    SecretBytes mixed{size};
    Status derived =
        crypto::hkdf_sha256(*pin, key.view(), view_of("hsm4 passphrase v1"), mixed.writable());
    if (!derived) return derived.error();
    return mixed;
}

}  // namespace hsm4
