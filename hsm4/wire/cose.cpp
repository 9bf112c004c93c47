// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// COSE_Encrypt0 and COSE_Sign1 over libcbor and OpenSSL.
#include "hsm4/wire/cose.hpp"

#include "hsm4/cbor.hpp"

namespace hsm4::wire::cose {

namespace {

constexpr std::uint64_t encrypt0_tag = 16;
constexpr std::uint64_t sign1_tag = 18;

constexpr std::int64_t label_alg = 1;
constexpr std::int64_t label_crit = 2;
constexpr std::int64_t label_iv = 5;

constexpr std::int64_t alg_a128gcm = 1;
constexpr std::int64_t alg_a192gcm = 2;
constexpr std::int64_t alg_a256gcm = 3;
constexpr std::int64_t alg_eddsa = -8;
constexpr std::int64_t alg_ed25519 = -19;  // RFC 9864

Error malformed(const char* where) { return Error{Errc::malformed, where}; }

/// {1: algorithm}, encoded, as it stands in the protected header.
Result<Bytes> protected_header(std::int64_t algorithm) {
    return cbor::encode(cbor::map(cbor::integer(label_alg), cbor::integer(algorithm)));
}

/// The value of an integer label in a map, or null; the first one that fits.
const cbor_item_t* value_of(const cbor_item_t* map, std::int64_t label) {
    if (!cbor_isa_map(map)) return nullptr;
    for (const cbor_pair& pair : std::span{cbor_map_handle(map), cbor_map_size(map)}) {
        auto found = cbor::as_integer(pair.key);
        if (found && *found == label) return pair.value;
    }
    return nullptr;
}

/// The elements of a tagged message of `size` elements, and its headers.
struct Message {
    cbor::Item content;
    std::span<cbor_item_t*> elements;
    View protected_bytes;
    std::int64_t algorithm = 0;
};

Status read_protected(Message& message) {
    auto bytes = cbor::as_bytes(message.elements[0]);
    if (!bytes) return bytes.error();
    message.protected_bytes = *bytes;
    auto header = cbor::decode(*bytes);
    if (!header) return malformed("COSE protected header");
    if (value_of(header->get(), label_crit) != nullptr ||
        value_of(message.elements[1], label_crit) != nullptr)
        return malformed("COSE critical header");
    const cbor_item_t* algorithm = value_of(header->get(), label_alg);
    if (algorithm == nullptr) return malformed("COSE algorithm");
    auto number = cbor::as_integer(algorithm);
    if (!number) return malformed("COSE algorithm");
    message.algorithm = *number;
    return ok();
}

Result<Message> read_message(View encoded, std::uint64_t tag, std::size_t size) {
    auto content = cbor::decode_tagged(tag, encoded);
    if (!content) return content.error();
    Message message;
    message.content = std::move(*content);
    auto elements = cbor::as_array(message.content.get(), size);
    if (!elements) return elements.error();
    message.elements = *elements;
    if (!cbor_isa_map(message.elements[1])) return malformed("COSE unprotected header");
    if (Status read = read_protected(message); !read) return read.error();
    return message;
}

/// Enc_structure (RFC 9052 section 5.3).
Result<Bytes> enc_structure(View protected_bytes, View external_aad) {
    return cbor::encode(cbor::array(cbor::text("Encrypt0"), cbor::bytes(protected_bytes),
                                    cbor::bytes(external_aad)));
}

/// Sig_structure (RFC 9052 section 4.4).
Result<Bytes> sig_structure(View protected_bytes, View external_aad, View payload) {
    return cbor::encode(cbor::array(cbor::text("Signature1"), cbor::bytes(protected_bytes),
                                    cbor::bytes(external_aad), cbor::bytes(payload)));
}

Result<crypto::Aead> cipher_of(std::int64_t algorithm) {
    switch (algorithm) {
        case alg_a128gcm: return crypto::Aead::aes_128_gcm;
        case alg_a192gcm: return crypto::Aead::aes_192_gcm;
        case alg_a256gcm: return crypto::Aead::aes_256_gcm;
        default: return malformed("COSE algorithm");
    }
}

}  // namespace

Result<Bytes> encrypt0(const Secret<crypto::key_size>& key,
                       std::span<const std::byte, crypto::nonce_size> iv, View external_aad,
                       View plaintext) {
    auto header = protected_header(alg_a256gcm);
    if (!header) return header;
    auto associated = enc_structure(*header, external_aad);
    if (!associated) return associated;
    Bytes ciphertext(plaintext.size() + crypto::tag_size);
    Status sealed = crypto::aead_seal(crypto::Aead::aes_256_gcm, key.view(), iv, *associated,
                                      plaintext, ciphertext);
    if (!sealed) return sealed.error();
    return cbor::encode(cbor::tag(
        encrypt0_tag,
        cbor::array(cbor::bytes(*header), cbor::map(cbor::integer(label_iv), cbor::bytes(iv)),
                    cbor::bytes(ciphertext))));
}

Result<SecretBytes> decrypt0(View key, View external_aad, View message) {
    auto parsed = read_message(message, encrypt0_tag, 3);
    if (!parsed) return parsed.error();
    auto cipher = cipher_of(parsed->algorithm);
    if (!cipher) return cipher.error();
    if (key.size() != crypto::aead_key_size(*cipher)) return malformed("COSE key length");
    const cbor_item_t* iv_item = value_of(parsed->elements[1], label_iv);
    if (iv_item == nullptr) return malformed("COSE IV");
    auto iv_bytes = cbor::as_bytes(iv_item);
    if (!iv_bytes) return iv_bytes.error();
    auto iv = to_array<crypto::nonce_size>(*iv_bytes, "COSE IV");
    if (!iv) return iv.error();
    auto ciphertext = cbor::as_bytes(parsed->elements[2]);
    if (!ciphertext) return ciphertext.error();
    auto associated = enc_structure(parsed->protected_bytes, external_aad);
    if (!associated) return associated.error();
    if (ciphertext->size() < crypto::tag_size) return Error{Errc::unauthentic, "COSE ciphertext"};
    SecretBytes plaintext{ciphertext->size() - crypto::tag_size};
    Status opened =
        crypto::aead_open(*cipher, key, *iv, *associated, *ciphertext, plaintext.writable());
    if (!opened) return opened.error();
    return plaintext;
}

Result<Bytes> sign1(const Secret<crypto::key_size>& secret, View external_aad, View payload) {
    auto header = protected_header(alg_eddsa);
    if (!header) return header;
    auto text = sig_structure(*header, external_aad, payload);
    if (!text) return text;
    auto signature = crypto::ed25519_sign(secret.view(), *text);
    if (!signature) return signature.error();
    return cbor::encode(
        cbor::tag(sign1_tag, cbor::array(cbor::bytes(*header), cbor::map(), cbor::bytes(payload),
                                         cbor::bytes(*signature))));
}

Result<Bytes> verify1(const crypto::PublicKey& key, View external_aad, View message) {
    auto parsed = read_message(message, sign1_tag, 4);
    if (!parsed) return parsed.error();
    if (parsed->algorithm != alg_eddsa && parsed->algorithm != alg_ed25519)
        return malformed("COSE algorithm");
    auto payload = cbor::as_bytes(parsed->elements[2]);
    if (!payload) return payload.error();
    auto signature = cbor::as_bytes(parsed->elements[3]);
    if (!signature) return signature.error();
    auto text = sig_structure(parsed->protected_bytes, external_aad, *payload);
    if (!text) return text;
    if (Status verified = crypto::ed25519_verify(key, *text, *signature); !verified)
        return verified.error();
    return Bytes{payload->begin(), payload->end()};
}

}  // namespace hsm4::wire::cose
