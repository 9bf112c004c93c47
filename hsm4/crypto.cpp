// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The primitives, each a thin owner-typed wrapper of OpenSSL's EVP interface.
#include "hsm4/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <memory>

namespace hsm4::crypto {

namespace {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using MdContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, Freer<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freer<EVP_MAC_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Freer<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;

const unsigned char* raw(View bytes) noexcept {
    // OpenSSL takes a null pointer for "not given"; an empty input still needs an address.
    static constexpr unsigned char nothing = 0;
    return bytes.empty() ? &nothing : reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* room(std::span<std::byte> bytes) noexcept {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

Error failed(const char* where) { return Error{Errc::crypto, where}; }

OSSL_PARAM octets(const char* name, View bytes) {
    // The parameter is only read, whatever its type says.
    auto* data = const_cast<unsigned char*>(raw(bytes));  // NOLINT(*-const-cast)
    return OSSL_PARAM_construct_octet_string(name, data, bytes.size());
}

OSSL_PARAM digest_is_sha256() {
    static char name[] = "SHA256";
    return OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
}

Key private_key(int type, std::span<const std::byte, key_size> secret) {
    return Key{EVP_PKEY_new_raw_private_key(type, nullptr, raw(secret), secret.size())};
}

Key public_key(int type, const PublicKey& key) {
    return Key{EVP_PKEY_new_raw_public_key(type, nullptr, raw(View{key}), key.size())};
}

Result<PublicKey> raw_public(const EVP_PKEY* key) {
    PublicKey out{};
    std::size_t length = out.size();
    if (key == nullptr || EVP_PKEY_get_raw_public_key(key, room(out), &length) != 1 ||
        length != out.size())
        return failed("public key");
    return out;
}

const EVP_CIPHER* cipher_of(Aead algorithm) noexcept {
    switch (algorithm) {
        case Aead::chacha20_poly1305: return EVP_chacha20_poly1305();
        case Aead::aes_256_gcm: return EVP_aes_256_gcm();
        case Aead::aes_192_gcm: return EVP_aes_192_gcm();
        case Aead::aes_128_gcm: return EVP_aes_128_gcm();
    }
    return nullptr;
}

bool cipher_update(EVP_CIPHER_CTX* context, unsigned char* out, View in) {
    int length = 0;
    return in.empty() ||
           (EVP_CipherUpdate(context, out, &length, raw(in), static_cast<int>(in.size())) == 1 &&
            length == static_cast<int>(in.size()));
}

CipherContext start_cipher(Aead algorithm, View key, std::span<const std::byte, nonce_size> nonce,
                           View associated, bool encrypt) {
    CipherContext context{EVP_CIPHER_CTX_new()};
    if (!context || key.size() != aead_key_size(algorithm)) return nullptr;
    if (EVP_CipherInit_ex(context.get(), cipher_of(algorithm), nullptr, raw(key), raw(nonce),
                          encrypt ? 1 : 0) != 1 ||
        !cipher_update(context.get(), nullptr, associated))
        return nullptr;
    return context;
}

}  // namespace

Result<Hash> sha256(View first, View second) {
    Hash out{};
    const MdContext context{EVP_MD_CTX_new()};
    if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1 ||
        EVP_DigestUpdate(context.get(), raw(first), first.size()) != 1 ||
        EVP_DigestUpdate(context.get(), raw(second), second.size()) != 1 ||
        EVP_DigestFinal_ex(context.get(), room(out), nullptr) != 1)
        return failed("SHA-256");
    return out;
}

Result<Secret<hash_size>> hmac_sha256(View key, View first, View second) {
    const Mac mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
    const MacContext context{mac ? EVP_MAC_CTX_new(mac.get()) : nullptr};
    const OSSL_PARAM parameters[] = {digest_is_sha256(), OSSL_PARAM_construct_end()};
    Secret<hash_size> out;
    std::size_t length = 0;
    if (!context || EVP_MAC_init(context.get(), raw(key), key.size(), parameters) != 1 ||
        EVP_MAC_update(context.get(), raw(first), first.size()) != 1 ||
        EVP_MAC_update(context.get(), raw(second), second.size()) != 1 ||
        EVP_MAC_final(context.get(), room(out.writable()), &length, hash_size) != 1)
        return failed("HMAC");
    return out;
}

Status hkdf_sha256(View salt, View input_key, View info, std::span<std::byte> out) {
    const Kdf kdf{EVP_KDF_fetch(nullptr, "HKDF", nullptr)};
    const KdfContext context{kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr};
    const OSSL_PARAM parameters[] = {digest_is_sha256(), octets(OSSL_KDF_PARAM_KEY, input_key),
                                     octets(OSSL_KDF_PARAM_SALT, salt),
                                     octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
    if (!context || EVP_KDF_derive(context.get(), room(out), out.size(), parameters) != 1)
        return failed("HKDF");
    return ok();
}

Status random_bytes(std::span<std::byte> out) {
    if (!out.empty() && RAND_priv_bytes(room(out), static_cast<int>(out.size())) != 1)
        return failed("random bytes");
    return ok();
}

Result<KeyPair> x25519_generate() {
    Secret<key_size> secret;
    if (Status drawn = random_bytes(secret.writable()); !drawn) return drawn.error();
    return x25519_from_secret(secret.view());
}

Result<KeyPair> x25519_from_secret(std::span<const std::byte, key_size> secret) {
    auto public_part = raw_public(private_key(EVP_PKEY_X25519, secret).get());
    if (!public_part) return public_part.error();
    return KeyPair{Secret<key_size>{secret}, *public_part};
}

Result<Secret<key_size>> x25519(std::span<const std::byte, key_size> secret,
                                const PublicKey& peer) {
    const Key mine = private_key(EVP_PKEY_X25519, secret);
    const Key theirs = public_key(EVP_PKEY_X25519, peer);
    const KeyContext context{mine ? EVP_PKEY_CTX_new(mine.get(), nullptr) : nullptr};
    Secret<key_size> out;
    std::size_t length = key_size;
    if (!theirs || !context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), theirs.get()) != 1)
        return failed("X25519");
    // OpenSSL itself fails on an all-zero result; the check below does not rely on it.
    if (EVP_PKEY_derive(context.get(), room(out.writable()), &length) != 1 || length != key_size ||
        equal_secret(out.view(), Array<key_size>{}))
        return Error{Errc::unauthentic, "X25519 with a low-order key"};
    return out;
}

Result<PublicKey> ed25519_public(std::span<const std::byte, key_size> secret) {
    return raw_public(private_key(EVP_PKEY_ED25519, secret).get());
}

Result<Signature> ed25519_sign(std::span<const std::byte, key_size> secret, View message) {
    const Key key = private_key(EVP_PKEY_ED25519, secret);
    const MdContext context{EVP_MD_CTX_new()};
    Signature out{};
    std::size_t length = out.size();
    if (!key || !context ||
        EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
        EVP_DigestSign(context.get(), room(out), &length, raw(message), message.size()) != 1 ||
        length != out.size())
        return failed("Ed25519 signature");
    return out;
}

Status ed25519_verify(const PublicKey& key, View message, View signature) {
    const Key verifier = public_key(EVP_PKEY_ED25519, key);
    const MdContext context{EVP_MD_CTX_new()};
    if (!verifier || !context ||
        EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, verifier.get()) != 1)
        return failed("Ed25519 verification");
    if (signature.size() != signature_size ||
        EVP_DigestVerify(context.get(), raw(signature), signature.size(), raw(message),
                         message.size()) != 1)
        return Error{Errc::unauthentic, "Ed25519 signature"};
    return ok();
}

std::size_t aead_key_size(Aead algorithm) noexcept {
    return static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher_of(algorithm)));
}

Status aead_seal(Aead algorithm, View key, std::span<const std::byte, nonce_size> nonce,
                 View associated, View plaintext, std::span<std::byte> out) {
    if (out.size() != plaintext.size() + tag_size) return failed("AEAD output size");
    const CipherContext context = start_cipher(algorithm, key, nonce, associated, true);
    int last = 0;
    if (!context || !cipher_update(context.get(), room(out), plaintext) ||
        EVP_CipherFinal_ex(context.get(), room(out.subspan(plaintext.size())), &last) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, tag_size,
                            room(out.last(tag_size))) != 1)
        return failed("AEAD encryption");
    return ok();
}

Status aead_open(Aead algorithm, View key, std::span<const std::byte, nonce_size> nonce,
                 View associated, View sealed, std::span<std::byte> out) {
    const Error bad{Errc::unauthentic, "AEAD tag"};
    if (sealed.size() < tag_size) return bad;
    const View body = sealed.first(sealed.size() - tag_size);
    if (out.size() != body.size()) return failed("AEAD output size");
    const CipherContext context = start_cipher(algorithm, key, nonce, associated, false);
    Array<tag_size> tag{};
    std::copy_n(sealed.end() - tag_size, tag_size, tag.begin());
    if (!context ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) != 1)
        return failed("AEAD decryption");
    // EVP_CipherFinal_ex may touch its output pointer: give it room even when the text is empty.
    Array<tag_size> rest{};
    int last = 0;
    if (!cipher_update(context.get(), room(out), body) ||
        EVP_CipherFinal_ex(context.get(), room(rest), &last) != 1) {
        wipe(out);
        return bad;
    }
    return ok();
}

}  // namespace hsm4::crypto
