// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// COSE_Encrypt0 and COSE_Sign1 (RFC 9052 sections 5.2 and 4.2), tagged, with external_aad.
//
// Algorithms: AES-GCM (1, 2, 3 by key length) and EdDSA with Ed25519 (-8; -19 of RFC 9864 is
// accepted). The algorithm stands in the protected header, always; `crit` is refused.
#pragma once

#include <optional>

#include "hsm4/bytes.hpp"
#include "hsm4/crypto.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::wire::cose {

/// COSE_Encrypt0 with A256GCM; the protected header holds the algorithm only.
Result<Bytes> encrypt0(const Secret<crypto::key_size>& key,
                       std::span<const std::byte, crypto::nonce_size> iv, View external_aad,
                       View plaintext);

/// Opens a tagged COSE_Encrypt0 with a key of 16, 24 or 32 bytes. `malformed` for another
/// structure, tag, algorithm or IV; `unauthentic` when the tag of the cipher does not verify.
Result<SecretBytes> decrypt0(View key, View external_aad, View message);

/// COSE_Sign1 with EdDSA (-8); `secret` is the Ed25519 seed.
Result<Bytes> sign1(const Secret<crypto::key_size>& secret, View external_aad, View payload);

/// Verifies a tagged COSE_Sign1 and gives its payload. Errors as above.
Result<Bytes> verify1(const crypto::PublicKey& key, View external_aad, View message);

}  // namespace hsm4::wire::cose
