// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a fuzz target says must hold for every input.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "hsm4/bytes.hpp"

/// One input; libFuzzer's entry point, and the replay's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

/// Ends the program, as libFuzzer wants it, when a law is broken.
inline void must(bool holds, const char* law) {
    if (holds) return;
    std::fprintf(stderr, "broken law: %s\n", law);
    std::abort();
}

inline hsm4::View input(const std::uint8_t* data, std::size_t size) {
    return std::as_bytes(std::span{data, size});
}
inline std::string_view text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// A piece of the input, led by its length in two bytes (big-endian); the last one may be short.
inline hsm4::View next_piece(hsm4::View& rest) {
    if (rest.size() < 2) return std::exchange(rest, {});
    const std::size_t wanted =
        std::to_integer<std::size_t>(rest[0]) << 8U | std::to_integer<std::size_t>(rest[1]);
    rest = rest.subspan(2);
    const hsm4::View piece = rest.first(std::min(wanted, rest.size()));
    rest = rest.subspan(piece.size());
    return piece;
}

}  // namespace fuzz
