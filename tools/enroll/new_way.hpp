// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Adding a way into a volume, a key slot with its token: all of it or nothing.
#pragma once

#include <libcryptsetup.h>

#include <functional>
#include <string>

#include "hsm4/crypto.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// Argon2id: a PIN is short, though the module's key is mixed in. Takes about a second to open,
/// and at most a quarter of this machine's memory.
crypt_pbkdf_type pbkdf_for_pins();

/// PBKDF2-SHA512 with 1000 iterations: for random keys, which need no stretching.
const crypt_pbkdf_type& pbkdf_for_random_keys();

struct NewWay {
    int keyslot = 0;  ///< still free
    int token = 0;    ///< still free
    SecretBytes passphrase;
    std::string token_json;  ///< lists `keyslot`
    crypt_pbkdf_type pbkdf = pbkdf_for_random_keys();
    std::optional<crypto::Hash> escrow;  ///< of the file that `before_it_counts` writes
    std::string escrow_file;
    /// Proves the new way, when slot and token are there.
    std::function<Done(Volume&)> prove;
    /// What else must have happened before the way counts; the last chance to say no.
    std::function<Done(Volume&)> before_it_counts;
};

/// Writes mark, key slot and token, proves them, and then takes the mark away. A failure or a
/// signal takes all of it back; after a kill, the next run does (clear_leftovers).
Done add_way(Volume& volume, const SecretBytes& volume_key, const NewWay& way);

}  // namespace hsm4::enroll
