// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// LOCK: the module encrypts and signs a key for one volume binding.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// Which generation a locked key is to be of.
enum class Generation {
    present,
    next  ///< it works now already, and after the next revocation
};

/// `key` of 1 to 128 bytes, `pin` of 1 to 64 (`usage` otherwise). The signature of what comes back
/// is verified with `verify_key`.
Result<Bytes> lock_key(Channel& channel, const crypto::PublicKey& verify_key, View key,
                       const VolumeBinding& binding, std::optional<View> pin,
                       Generation generation = Generation::present);

}  // namespace hsm4::open
