// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Deterministic CBOR by libcbor.
#include "hsm4/cbor.hpp"

#include <algorithm>

namespace hsm4::cbor {

namespace {

// Our formats nest four levels deep; hostile input must not reach the end of the stack.
constexpr int deepest = 16;

void wipe_dying(cbor_item_t* item, int depth) noexcept {
    if (item == nullptr || cbor_refcount(item) != 1 || depth > deepest) return;
    if (cbor_isa_bytestring(item) && cbor_bytestring_is_definite(item)) {
        wipe(std::as_writable_bytes(
            std::span{cbor_bytestring_handle(item), cbor_bytestring_length(item)}));
    } else if (cbor_isa_array(item)) {
        for (cbor_item_t* element : std::span{cbor_array_handle(item), cbor_array_size(item)})
            wipe_dying(element, depth + 1);
    }
}

const unsigned char* raw(View bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// The head of an item: its major type and the number that follows.
struct Head {
    unsigned major = 0;
    std::uint64_t value = 0;
    std::size_t size = 0;  ///< bytes of the head itself; 0 for a head that is cut off or reserved
    bool shortest = true;
    bool indefinite = false;
};

Head read_head(View rest) {
    Head head;
    const auto first = std::to_integer<unsigned>(rest.front());
    head.major = first >> 5;
    const unsigned info = first & 0x1fU;
    if (info < 24) {
        head.value = info;
        head.size = 1;
    } else if (info <= 27) {
        const std::size_t width = std::size_t{1} << (info - 24);
        if (rest.size() <= width) return head;
        for (const std::byte byte : rest.subspan(1, width))
            head.value = head.value << 8 | std::to_integer<std::uint64_t>(byte);
        head.size = 1 + width;
        // The number must not have fitted into the next shorter form.
        head.shortest = width == 1 ? head.value >= 24 : head.value >> (4 * width) != 0;
    } else if (info == 31) {
        head.size = 1;
        head.indefinite = true;
    }
    return head;
}

/// Walks over the heads before libcbor sees them, because libcbor allocates what a head announces.
/// With `deterministic`, lengths must be definite and numbers in their shortest form as well.
bool heads_are_sound(View encoded, bool deterministic) {
    constexpr unsigned byte_string = 2;
    constexpr unsigned text_string = 3;
    constexpr unsigned map = 5;
    constexpr unsigned simple = 7;
    while (!encoded.empty()) {
        const Head head = read_head(encoded);
        if (head.size == 0) return false;
        if (deterministic && head.major != simple && (!head.shortest || head.indefinite))
            return false;
        encoded = encoded.subspan(head.size);
        const bool counted = head.major >= byte_string && head.major <= map && !head.indefinite;
        if (counted && head.value > encoded.size()) return false;
        if (counted && (head.major == byte_string || head.major == text_string))
            encoded = encoded.subspan(static_cast<std::size_t>(head.value));
    }
    return true;
}

Result<Item> load(View encoded, bool deterministic) {
    const Error bad{Errc::malformed, "CBOR"};
    if (!heads_are_sound(encoded, deterministic)) return bad;
    cbor_load_result outcome{};
    Item item{cbor_load(raw(encoded), encoded.size(), &outcome)};
    if (!item || outcome.error.code != CBOR_ERR_NONE || outcome.read != encoded.size()) return bad;
    return item;
}

}  // namespace

void Release::operator()(cbor_item_t* item) const noexcept {
    wipe_dying(item, 0);
    cbor_decref(&item);
}

Item unsigned_integer(std::uint64_t value) {
    if (value <= UINT8_MAX) return Item{cbor_build_uint8(static_cast<std::uint8_t>(value))};
    if (value <= UINT16_MAX) return Item{cbor_build_uint16(static_cast<std::uint16_t>(value))};
    if (value <= UINT32_MAX) return Item{cbor_build_uint32(static_cast<std::uint32_t>(value))};
    return Item{cbor_build_uint64(value)};
}

Item integer(std::int64_t value) {
    if (value >= 0) return unsigned_integer(static_cast<std::uint64_t>(value));
    Item item = unsigned_integer(static_cast<std::uint64_t>(-1 - value));
    if (item) cbor_mark_negint(item.get());
    return item;
}

Item bytes(View value) { return Item{cbor_build_bytestring(raw(value), value.size())}; }

Item text(std::string_view value) { return Item{cbor_build_stringn(value.data(), value.size())}; }

Item null() { return Item{cbor_new_null()}; }

Item tag(std::uint64_t number, Item content) {
    if (!content) return nullptr;
    return Item{cbor_build_tag(number, content.get())};  // takes a reference of its own
}

Item array_of(const std::vector<Item>& elements) {
    Item array{cbor_new_definite_array(elements.size())};
    for (const Item& element : elements)
        if (!array || !element || !cbor_array_push(array.get(), element.get())) return nullptr;
    return array;
}

Item map() { return Item{cbor_new_definite_map(0)}; }

Item map(Item key, Item value) {
    Item item{cbor_new_definite_map(1)};
    if (!item || !key || !value) return nullptr;
    if (!cbor_map_add(item.get(), cbor_pair{.key = key.get(), .value = value.get()}))
        return nullptr;
    return item;
}

Result<Bytes> encode(const Item& item) {
    auto encoded = encode_secret(item);
    if (!encoded) return encoded.error();
    const View bytes = encoded->view();
    return Bytes{bytes.begin(), bytes.end()};
}

Result<SecretBytes> encode_secret(const Item& item) {
    const Error bad{Errc::malformed, "CBOR encoding"};
    if (!item) return bad;
    // libcbor's own allocating call grows by realloc, which would leave copies of secrets behind.
    constexpr std::size_t longest = 1U << 16;
    for (std::size_t room = 512; room <= longest; room *= 2) {
        SecretBytes out{room};
        const std::size_t written = cbor_serialize(
            item.get(), reinterpret_cast<unsigned char*>(out.writable().data()), out.size());
        if (written == 0) continue;
        out.shorten(written);
        return out;
    }
    return bad;
}

Result<Item> decode(View encoded) { return load(encoded, false); }

Result<Item> decode_deterministic(View encoded) { return load(encoded, true); }

Result<Item> decode_tagged(std::uint64_t number, View encoded) {
    constexpr unsigned tag = 6;
    const Error bad{Errc::malformed, "CBOR tag"};
    if (encoded.empty()) return bad;
    const Head head = read_head(encoded);
    if (head.size == 0 || head.major != tag || head.indefinite || head.value != number) return bad;
    return decode(encoded.subspan(head.size));
}

Result<View> as_bytes(const cbor_item_t* item) {
    if (!cbor_isa_bytestring(item) || !cbor_bytestring_is_definite(item))
        return Error{Errc::malformed, "CBOR byte string"};
    return std::as_bytes(std::span{cbor_bytestring_handle(item), cbor_bytestring_length(item)});
}

Result<std::string_view> as_text(const cbor_item_t* item) {
    if (!cbor_isa_string(item) || !cbor_string_is_definite(item))
        return Error{Errc::malformed, "CBOR text string"};
    return std::string_view{reinterpret_cast<const char*>(cbor_string_handle(item)),
                            cbor_string_length(item)};
}

Result<std::uint64_t> as_unsigned(const cbor_item_t* item) {
    if (!cbor_isa_uint(item)) return Error{Errc::malformed, "CBOR unsigned integer"};
    return cbor_get_int(item);
}

Result<std::int64_t> as_integer(const cbor_item_t* item) {
    const Error bad{Errc::malformed, "CBOR integer"};
    if (!cbor_is_int(item)) return bad;
    const std::uint64_t magnitude = cbor_get_int(item);
    if (magnitude > INT64_MAX) return bad;
    const auto value = static_cast<std::int64_t>(magnitude);
    return cbor_isa_negint(item) ? -1 - value : value;
}

bool is_null(const cbor_item_t* item) {
    // libcbor asserts that it is asked about a simple value, not about a float.
    return cbor_isa_float_ctrl(item) && cbor_float_get_width(item) == CBOR_FLOAT_0 &&
           cbor_is_null(item);
}

Result<std::span<cbor_item_t*>> as_array(const cbor_item_t* item, std::size_t size) {
    if (!cbor_isa_array(item) || !cbor_array_is_definite(item) || cbor_array_size(item) != size)
        return Error{Errc::malformed, "CBOR array"};
    return std::span{cbor_array_handle(item), size};
}

}  // namespace hsm4::cbor
