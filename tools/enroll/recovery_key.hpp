// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A recovery key as systemd makes them: 256 bits in "modhex", letters that every keyboard layout
// has in the same place, in groups of eight.
#pragma once

#include "hsm4/secret.hpp"

namespace hsm4::enroll {

inline constexpr std::size_t recovery_key_bytes = 32;
/// Two letters a byte, and a dash between groups of eight.
inline constexpr std::size_t recovery_key_size = 2 * recovery_key_bytes + 7;

/// The text of `bits`, which is the LUKS passphrase as it stands.
SecretBytes recovery_key_text(std::span<const std::byte, recovery_key_bytes> bits);

/// A fresh one from the kernel.
Result<SecretBytes> draw_recovery_key();

}  // namespace hsm4::enroll
