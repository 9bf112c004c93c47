// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Locked keys: COSE_Sign1{COSE_Encrypt0}, made and opened by the module only.
#pragma once

#include <cstdint>
#include <optional>

#include "hsm4/device/keys.hpp"
#include "hsm4/device/rng.hpp"

namespace hsm4::device {

/// What a locked key with PIN says of it: which try counter counts, and what the PIN must give.
struct PinCheck {
    std::uint32_t record = 0;
    Secret<crypto::hash_size> check;
};

struct Unlocked {
    SecretBytes key;
    std::uint32_t generation = 0;
    std::optional<PinCheck> pin;
};

/// HMAC under the module's own key: worth nothing outside the module.
Result<PinCheck> make_pin_check(const Keys& keys, std::uint32_t record, View pin);

/// Encrypts, then signs. The volume binding is external AAD of both layers.
Result<Bytes> lock_key(const Keys& keys, Rng& rng, View binding, const Unlocked& content);

/// Verifies, decrypts, and checks version, purpose and generation (the present one, or the next,
/// which a key gets that is rotated before a revocation). Every failure is the same `refused`. The
/// PIN is the caller's to check.
Result<Unlocked> unlock_key(const Keys& keys, std::uint32_t generation, View binding,
                            View locked_key);

}  // namespace hsm4::device
