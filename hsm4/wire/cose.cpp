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
constexpr std::int64_t label_partial_iv = 6;

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

/// How often an integer label stands in a header, and its value there.
struct Found {
    int times = 0;
    const cbor_item_t* value = nullptr;
};
Found find(const cbor_item_t* header, std::int64_t label) {
    Found found;
    for (const cbor_pair& pair : std::span{cbor_map_handle(header), cbor_map_size(header)}) {
        auto key = cbor::as_integer(pair.key);
        if (!key || *key != label) continue;
        ++found.times;
        found.value = pair.value;
    }
    return found;
}

/// A tagged message's elements, and its headers: both are maps.
struct Message {
    cbor::Item content;
    std::span<cbor_item_t*> elements;
    View protected_bytes;
    cbor::Item protected_header;
    const cbor_item_t* unprotected_header = nullptr;
    std::int64_t algorithm = 0;
};

/// A label that counts must stand in one header, once (RFC 9052 section 3).
Status read_algorithm(Message& message) {
    for (const std::int64_t label : {label_crit, label_partial_iv})
        if (find(message.protected_header.get(), label).times != 0 ||
            find(message.unprotected_header, label).times != 0)
            return malformed("COSE header that is not understood");
    const Found algorithm = find(message.protected_header.get(), label_alg);
    if (algorithm.times != 1 || find(message.unprotected_header, label_alg).times != 0)
        return malformed("COSE algorithm");
    auto number = cbor::as_integer(algorithm.value);
    if (!number) return malformed("COSE algorithm");
    message.algorithm = *number;
    return ok();
}

/// The IV may stand in either header.
Result<Array<crypto::nonce_size>> read_iv(const Message& message) {
    const Found covered = find(message.protected_header.get(), label_iv);
    const Found open = find(message.unprotected_header, label_iv);
    if (covered.times + open.times != 1) return malformed("COSE IV");
    auto bytes = cbor::as_bytes(covered.times == 1 ? covered.value : open.value);
    if (!bytes) return malformed("COSE IV");
    return to_array<crypto::nonce_size>(*bytes, "COSE IV");
}

Result<Message> read_message(View encoded, std::uint64_t tag, std::size_t size) {
    auto content = cbor::decode_tagged(tag, encoded);
    if (!content) return content.error();
    Message message;
    message.content = std::move(*content);
    auto elements = cbor::as_array(message.content.get(), size);
    if (!elements) return elements.error();
    message.elements = *elements;
    message.unprotected_header = message.elements[1];
    auto bytes = cbor::as_bytes(message.elements[0]);
    if (!bytes) return bytes.error();
    message.protected_bytes = *bytes;
    auto header = cbor::decode(*bytes);
    if (!header) return malformed("COSE protected header");
    message.protected_header = std::move(*header);
    if (!cbor_isa_map(message.protected_header.get()) || !cbor_isa_map(message.unprotected_header))
        return malformed("COSE headers");
    if (Status read = read_algorithm(message); !read) return read.error();
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
    auto iv = read_iv(*parsed);
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
