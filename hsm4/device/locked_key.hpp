// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Locked keys: COSE_Sign1{COSE_Encrypt0}, made and opened by the module only.
#pragma once

#include <cstdint>

#include "hsm4/device/keys.hpp"

namespace hsm4::device {

/// Encrypts, then signs. The volume binding is external AAD of both layers.
Result<Bytes> lock_key(const Keys& keys, std::uint32_t generation, View binding, View key);

/// Verifies, decrypts, and checks version, purpose and generation. Every failure is the same
/// `refused`.
Result<SecretBytes> unlock_key(const Keys& keys, std::uint32_t generation, View binding,
                               View locked_key);

}  // namespace hsm4::device
