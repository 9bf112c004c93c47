// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's keys: one for each purpose, all derived from the device secret.
#pragma once

#include "hsm4/crypto.hpp"
#include "hsm4/secret.hpp"
#include "hsm4/wire/protocol.hpp"

namespace hsm4::device {

struct Keys {
    crypto::KeyPair channel;       ///< X25519, static key of the Noise channel
    Secret<32> sign_secret;        ///< Ed25519 seed
    crypto::PublicKey verify_key;  ///< Ed25519
    Secret<32> seal_key;           ///< AES-256-GCM of locked keys
    Secret<32> pin_key;            ///< HMAC key of PIN checks
    wire::ModuleId module_id{};
};

/// HKDF-SHA256 with an empty salt, and the purpose as info.
Result<Keys> derive_keys(const Secret<32>& device_secret);

}  // namespace hsm4::device
