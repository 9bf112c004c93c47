// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Bytes and their text forms.
#include "hsm4/bytes.hpp"

#include <openssl/evp.h>

namespace hsm4 {

namespace {

int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

View view_of(std::string_view text) noexcept { return std::as_bytes(std::span{text}); }

void append(Bytes& bytes, View more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

std::string to_hex(View bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        text += digits[std::to_integer<std::size_t>(byte >> 4)];
        text += digits[std::to_integer<std::size_t>(byte & std::byte{0x0f})];
    }
    return text;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return Error{Errc::malformed, "hexadecimal text"};
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t at = 0; at < text.size(); at += 2) {
        const int high = hex_value(text[at]);
        const int low = hex_value(text[at + 1]);
        if (high < 0 || low < 0) return Error{Errc::malformed, "hexadecimal text"};
        bytes.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return bytes;
}

std::string to_base64(View bytes) {
    // EVP_EncodeBlock writes 4 characters for each 3 bytes, and a terminator.
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

Result<Bytes> from_base64(std::string_view text) {
    const Error bad{Errc::malformed, "base64 text"};
    constexpr std::size_t longest = 1U << 20;
    if (text.size() % 4 != 0 || text.size() > longest) return bad;
    if (text.empty()) return Bytes{};
    Bytes bytes(text.size() / 4 * 3);
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()));
    // EVP_DecodeBlock skips white space at the ends and counts padding as zero bytes.
    if (length != static_cast<int>(bytes.size())) return bad;
    if (text.ends_with("==")) bytes.pop_back();
    if (text.ends_with('=')) bytes.pop_back();
    if (to_base64(bytes) != text) return bad;
    return bytes;
}

}  // namespace hsm4
