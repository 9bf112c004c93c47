// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Noise Protocol Framework, revision 34: CipherState and SymmetricState (sections 5.1 and 5.2).
// The handshake steps stand in hsm4/open (initiator) and hsm4/device (responder).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hsm4/bytes.hpp"
#include "hsm4/crypto.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::wire::noise {

using crypto::hash_size;
using crypto::key_size;
using crypto::tag_size;

inline constexpr std::size_t longest_message = 65535;  ///< section 3

enum class Pattern {
    nn,
    nk,
    nkpsk0
};
enum class Suite {
    chachapoly_sha256,
    aesgcm_sha256
};  ///< both with 25519

/// "Noise_NKpsk0_25519_ChaChaPoly_SHA256" and so on (section 8).
std::string protocol_name(Pattern pattern, Suite suite);

/// A key and a counter (section 5.1). Moves with its key; the key is wiped.
class CipherState {
public:
    explicit CipherState(Suite suite) noexcept : suite_{suite} {}
    void initialize_key(Secret<key_size> key) noexcept;
    bool has_key() const noexcept { return key_.has_value(); }

    /// Result is plaintext.size() + tag_size bytes (or a copy, without a key).
    Result<Bytes> encrypt_with_ad(View associated, View plaintext);
    /// `unauthentic` leaves the counter as it was.
    Result<SecretBytes> decrypt_with_ad(View associated, View ciphertext);

private:
    Suite suite_;
    std::optional<Secret<key_size>> key_;
    std::uint64_t nonce_ = 0;
};

/// The two transport ciphers after Split().
struct Transport {
    CipherState initiator_to_responder;
    CipherState responder_to_initiator;
    Array<hash_size> handshake_hash;  ///< h, for channel binding (section 11.2)
};

/// Section 5.2.
class SymmetricState {
public:
    /// InitializeSymmetric(protocol_name), then MixHash(prologue).
    static Result<SymmetricState> start(Pattern pattern, Suite suite, View prologue);

    Status mix_key(View input);
    Status mix_hash(View data);
    Status mix_key_and_hash(View input);
    Result<Bytes> encrypt_and_hash(View plaintext);
    Result<SecretBytes> decrypt_and_hash(View ciphertext);
    Result<Transport> split();

private:
    explicit SymmetricState(Suite suite) noexcept : suite_{suite}, cipher_{suite} {}

    Suite suite_;
    CipherState cipher_;
    Secret<hash_size> chaining_key_;
    Array<hash_size> hash_{};
};

}  // namespace hsm4::wire::noise
