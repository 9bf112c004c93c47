// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Sealing and unsealing. Plaintext: [version, purpose, generation, key] in deterministic CBOR.
#include "hsm4/device/locked_key.hpp"

#include "hsm4/cbor.hpp"
#include "hsm4/wire/cose.hpp"

namespace hsm4::device {

namespace {

constexpr std::uint64_t version = 1;
constexpr std::uint64_t purpose_luks_key = 1;

Error refused() { return Error{Errc::refused, "locked key"}; }

bool is(const cbor_item_t* item, std::uint64_t wanted) {
    auto value = cbor::as_unsigned(item);
    return value && *value == wanted;
}

}  // namespace

Result<Bytes> lock_key(const Keys& keys, std::uint32_t generation, View binding, View key) {
    auto plaintext = cbor::encode_secret(
        cbor::array(cbor::unsigned_integer(version), cbor::unsigned_integer(purpose_luks_key),
                    cbor::unsigned_integer(generation), cbor::bytes(key)));
    if (!plaintext) return plaintext.error();
    Array<crypto::nonce_size> iv{};
    if (Status drawn = crypto::random_bytes(iv); !drawn) return drawn.error();
    auto encrypted = wire::cose::encrypt0(keys.seal_key, iv, binding, plaintext->view());
    if (!encrypted) return encrypted;
    return wire::cose::sign1(keys.sign_secret, binding, *encrypted);
}

Result<SecretBytes> unlock_key(const Keys& keys, std::uint32_t generation, View binding,
                               View locked_key) {
    auto encrypted = wire::cose::verify1(keys.verify_key, binding, locked_key);
    if (!encrypted) return refused();
    auto plaintext = wire::cose::decrypt0(keys.seal_key.view(), binding, *encrypted);
    if (!plaintext) return refused();
    auto item = cbor::decode_deterministic(plaintext->view());
    if (!item) return refused();
    auto fields = cbor::as_array(item->get(), 4);
    if (!fields || !is((*fields)[0], version) || !is((*fields)[1], purpose_luks_key) ||
        !is((*fields)[2], generation))
        return refused();
    auto key = cbor::as_bytes((*fields)[3]);
    if (!key || key->empty() || key->size() > wire::longest_key) return refused();
    return SecretBytes{*key};
}

}  // namespace hsm4::device
