// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The cryptographic primitives that this project uses; all of them are OpenSSL's (EVP).
#pragma once

#include <cstddef>
#include <cstdint>

#include "hsm4/bytes.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::crypto {

inline constexpr std::size_t hash_size = 32;       ///< SHA-256
inline constexpr std::size_t key_size = 32;        ///< X25519, Ed25519, AES-256, ChaCha20
inline constexpr std::size_t tag_size = 16;        ///< Poly1305, GCM
inline constexpr std::size_t nonce_size = 12;      ///< ChaChaPoly, GCM
inline constexpr std::size_t signature_size = 64;  ///< Ed25519

using Hash = Array<hash_size>;
using PublicKey = Array<key_size>;
using Signature = Array<signature_size>;

/// SHA-256 over the concatenation of `first` and `second`.
Result<Hash> sha256(View first, View second = {});

/// HMAC-SHA256 (RFC 2104) over the concatenation of `first` and `second`.
Result<Secret<hash_size>> hmac_sha256(View key, View first, View second = {});

/// HKDF-SHA256 (RFC 5869) into `out` (at most 255 * 32 bytes).
Status hkdf_sha256(View salt, View input_key, View info, std::span<std::byte> out);

/// Fills `out` from OpenSSL's private generator (seeded by the kernel).
Status random_bytes(std::span<std::byte> out);

/// An X25519 key pair (RFC 7748).
struct KeyPair {
    Secret<key_size> secret;
    PublicKey public_key{};
};
Result<KeyPair> x25519_generate();
Result<KeyPair> x25519_from_secret(std::span<const std::byte, key_size> secret);
/// The shared secret; `unauthentic` when it is all zero (a low-order `peer`, RFC 7748 section 6.1).
Result<Secret<key_size>> x25519(std::span<const std::byte, key_size> secret, const PublicKey& peer);

/// Ed25519 (RFC 8032); `secret` is the 32-byte seed.
Result<PublicKey> ed25519_public(std::span<const std::byte, key_size> secret);
Result<Signature> ed25519_sign(std::span<const std::byte, key_size> secret, View message);
/// `unauthentic` unless `signature` (64 bytes) verifies.
Status ed25519_verify(const PublicKey& key, View message, View signature);

enum class Aead {
    chacha20_poly1305,
    aes_256_gcm,
    aes_192_gcm,
    aes_128_gcm
};
/// Key length of `algorithm` in bytes.
std::size_t aead_key_size(Aead algorithm) noexcept;
/// out.size() == plaintext.size() + tag_size; the tag comes last. `key` has aead_key_size() bytes.
Status aead_seal(Aead algorithm, View key, std::span<const std::byte, nonce_size> nonce,
                 View associated, View plaintext, std::span<std::byte> out);
/// out.size() == sealed.size() - tag_size. On `unauthentic` nothing readable stays in `out`.
Status aead_open(Aead algorithm, View key, std::span<const std::byte, nonce_size> nonce,
                 View associated, View sealed, std::span<std::byte> out);

}  // namespace hsm4::crypto
