// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Sealing and unsealing. Plaintext, in deterministic CBOR:
//   [version, purpose 1, generation, key]
//   [version, purpose 2, generation, key, PIN record, PIN check]
#include "hsm4/device/locked_key.hpp"

#include <limits>

#include "hsm4/cbor.hpp"
#include "hsm4/wire/cose.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::device {

namespace {

constexpr std::uint64_t version = 1;
constexpr std::uint64_t purpose_luks_key = 1;
constexpr std::uint64_t purpose_luks_key_with_pin = 2;
constexpr std::size_t field_count = 4;
constexpr std::size_t field_count_with_pin = 6;

Error refused() { return Error{Errc::refused, "locked key"}; }

bool is(const cbor_item_t* item, std::uint64_t wanted) {
    auto value = cbor::as_unsigned(item);
    return value && *value == wanted;
}

cbor::Item plaintext_item(const Unlocked& content) {
    auto head = cbor::unsigned_integer(version);
    auto generation = cbor::unsigned_integer(content.generation);
    auto key = cbor::bytes(content.key.view());
    if (!content.pin)
        return cbor::array(std::move(head), cbor::unsigned_integer(purpose_luks_key),
                           std::move(generation), std::move(key));
    return cbor::array(std::move(head), cbor::unsigned_integer(purpose_luks_key_with_pin),
                       std::move(generation), std::move(key),
                       cbor::unsigned_integer(content.pin->record),
                       cbor::bytes(content.pin->check.view()));
}

Result<PinCheck> read_pin_check(const cbor_item_t* record, const cbor_item_t* check) {
    auto id = cbor::as_unsigned(record);
    auto bytes = cbor::as_bytes(check);
    if (!id || *id > std::numeric_limits<std::uint32_t>::max() || !bytes ||
        bytes->size() != crypto::hash_size)
        return refused();
    return PinCheck{static_cast<std::uint32_t>(*id),
                    Secret<crypto::hash_size>{bytes->first<crypto::hash_size>()}};
}

/// The present generation, or the one after it.
bool is_alive(std::uint64_t generation, std::uint32_t present) {
    return generation == present || generation == std::uint64_t{present} + 1;
}

Result<Unlocked> read_plaintext(const cbor_item_t* item, std::uint32_t present) {
    const bool with_pin = cbor_isa_array(item) && cbor_array_size(item) == field_count_with_pin;
    auto fields = cbor::as_array(item, with_pin ? field_count_with_pin : field_count);
    if (!fields || !is((*fields)[0], version) ||
        !is((*fields)[1], with_pin ? purpose_luks_key_with_pin : purpose_luks_key))
        return refused();
    auto generation = cbor::as_unsigned((*fields)[2]);
    if (!generation || !is_alive(*generation, present)) return refused();
    auto key = cbor::as_bytes((*fields)[3]);
    if (!key || key->empty() || key->size() > wire::longest_key) return refused();
    Unlocked content;
    content.generation = static_cast<std::uint32_t>(*generation);
    if (with_pin) {
        auto pin = read_pin_check((*fields)[4], (*fields)[5]);
        if (!pin) return pin.error();
        content.pin = std::move(*pin);
    }
    content.key = SecretBytes{*key};
    return content;
}

}  // namespace

Result<PinCheck> make_pin_check(const Keys& keys, std::uint32_t record, View pin) {
    wire::Writer text{sizeof record};
    text.put(record);
    auto check = crypto::hmac_sha256(keys.pin_key.view(), text.view(), pin);
    if (!check) return check.error();
    return PinCheck{record, std::move(*check)};
}

Result<Bytes> lock_key(const Keys& keys, Rng& rng, View binding, const Unlocked& content) {
    auto plaintext = cbor::encode_secret(plaintext_item(content));
    if (!plaintext) return plaintext.error();
    Array<crypto::nonce_size> iv{};
    if (Status drawn = rng.fill(iv); !drawn) return drawn.error();
    auto encrypted = wire::cose::encrypt0(keys.seal_key, iv, binding, plaintext->view());
    if (!encrypted) return encrypted;
    return wire::cose::sign1(keys.sign_secret, binding, *encrypted);
}

Result<Unlocked> unlock_key(const Keys& keys, std::uint32_t generation, View binding,
                            View locked_key) {
    auto encrypted = wire::cose::verify1(keys.verify_key, binding, locked_key);
    if (!encrypted) return refused();
    auto plaintext = wire::cose::decrypt0(keys.seal_key.view(), binding, *encrypted);
    if (!plaintext) return refused();
    auto item = cbor::decode_deterministic(plaintext->view());
    if (!item) return refused();
    return read_plaintext(item->get(), generation);
}

}  // namespace hsm4::device
