// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Bytes, views of bytes, and their text forms.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hsm4/result.hpp"

namespace hsm4 {

using Bytes = std::vector<std::byte>;     ///< owned, not secret
using View = std::span<const std::byte>;  ///< borrowed for the length of a call
template <std::size_t N>
using Array = std::array<std::byte, N>;

/// The bytes of `text`, without a terminator; borrowed from it.
View view_of(std::string_view text) noexcept;

/// Appends `more` to `bytes`.
void append(Bytes& bytes, View more);

std::string to_hex(View bytes);
/// Decodes an even number of hexadecimal digits of either case. `malformed` for anything else.
Result<Bytes> from_hex(std::string_view text);

/// RFC 4648 base64 with padding, on one line.
std::string to_base64(View bytes);
/// Strict: no white space, padding required. `malformed` for anything else.
Result<Bytes> from_base64(std::string_view text);

/// Copies `bytes` into an array of exactly `N` bytes; `malformed` if the length differs.
template <std::size_t N>
Result<Array<N>> to_array(View bytes, const char* where) {
    if (bytes.size() != N) return Error{Errc::malformed, where};
    Array<N> out;
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

}  // namespace hsm4
