// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Deterministic CBOR (RFC 8949 section 4.2.1) by libcbor: building items, and reading them
// strictly.
#pragma once

#include <cbor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "hsm4/bytes.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::cbor {

/// Gives one reference back; the byte strings of an item that dies by it are wiped first.
struct Release {
    void operator()(cbor_item_t* item) const noexcept;
};
/// Owns one reference to an item. Null when memory ran out; encode() then fails.
using Item = std::unique_ptr<cbor_item_t, Release>;

Item integer(std::int64_t value);
Item unsigned_integer(std::uint64_t value);
Item bytes(View value);
Item text(std::string_view value);
Item null();
Item tag(std::uint64_t number, Item content);
/// A definite array of the elements (it takes references of its own); null if one of them is null.
Item array_of(const std::vector<Item>& elements);
template <class... Items>
Item array(Items... elements) {
    std::vector<Item> list;
    list.reserve(sizeof...(elements));
    (list.push_back(std::move(elements)), ...);
    return array_of(list);
}
/// A map with one entry, or none.
Item map();
Item map(Item key, Item value);

/// The shortest form, definite lengths; `malformed` for a null item.
Result<Bytes> encode(const Item& item);
/// The same for an item that holds secrets: the buffer is wiped by its owner.
Result<SecretBytes> encode_secret(const Item& item);

/// Decodes exactly one item that fills `encoded` and is in deterministic form; `malformed`
/// otherwise.
Result<Item> decode_deterministic(View encoded);
/// Decodes exactly one well-formed item that fills `encoded`. libcbor 0.8 (Debian bookworm) refuses
/// the tags 6 to 20 anywhere in it; decode_tagged() does not, for the outermost one.
Result<Item> decode(View encoded);
/// The content of the tag `number`, which must be the outermost item and fill `encoded`.
Result<Item> decode_tagged(std::uint64_t number, View encoded);

/// Views into an item, valid as long as it lives. `malformed` when it is of another type.
Result<View> as_bytes(const cbor_item_t* item);
Result<std::string_view> as_text(const cbor_item_t* item);
Result<std::uint64_t> as_unsigned(const cbor_item_t* item);
Result<std::int64_t> as_integer(const cbor_item_t* item);
bool is_null(const cbor_item_t* item);
/// The elements of a definite array of exactly `size` elements (borrowed).
Result<std::span<cbor_item_t*>> as_array(const cbor_item_t* item, std::size_t size);

}  // namespace hsm4::cbor
