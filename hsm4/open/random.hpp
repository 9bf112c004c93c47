// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// RANDOM: bytes of the module's generator.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// Exactly `size` bytes (1 to 128; `usage` otherwise).
Result<SecretBytes> read_random(Channel& channel, std::size_t size);

}  // namespace hsm4::open
