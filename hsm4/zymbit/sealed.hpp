// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What is locked by a module that takes no associated data: the key together with the volume it is
// for. Deterministic CBOR: ["hsm4 sealed key v1", volume binding, key].
#pragma once

#include "hsm4/module.hpp"

namespace hsm4::zymbit {

inline constexpr std::size_t longest_key = 128;

/// `usage` unless `key` has 1 to longest_key bytes.
Result<SecretBytes> seal(View key, const VolumeBinding& binding);

/// Whether `plaintext` starts as seal() starts it: such a key must never pass as a raw one.
bool is_sealed(View plaintext) noexcept;

/// The key, if it was sealed for `binding`: `malformed` for other bytes, `refused` for another
/// volume.
Result<SecretBytes> unseal(View plaintext, const VolumeBinding& binding);

}  // namespace hsm4::zymbit
