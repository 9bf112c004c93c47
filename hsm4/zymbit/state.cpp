// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// State as bytes.
#include "hsm4/zymbit/state.hpp"

#include <algorithm>
#include <cstring>

namespace hsm4::zymbit {

namespace {

using Words = std::array<std::uint32_t, perimeter_channels + 1>;
constexpr std::size_t encoded_size = 2 + sizeof(Words);

}  // namespace

SecretBytes encode_state(const State& state) {
    // Parent and child are the same program, so the machine's own order of bytes will do.
    Words words{};
    std::ranges::copy(state.perimeter, words.begin());
    words.back() = state.clock;
    SecretBytes encoded{encoded_size};
    encoded.writable()[0] = std::byte{state.locked};
    encoded.writable()[1] = std::byte{state.bound};
    std::memcpy(encoded.writable().data() + 2, words.data(), sizeof words);
    return encoded;
}

Result<State> decode_state(View encoded) {
    if (encoded.size() != encoded_size) return Error{Errc::malformed, "state of the Zymbit module"};
    Words words{};
    std::memcpy(words.data(), encoded.data() + 2, sizeof words);
    State state;
    state.locked = encoded[0] != std::byte{0};
    state.bound = encoded[1] != std::byte{0};
    std::copy_n(words.begin(), state.perimeter.size(), state.perimeter.begin());
    state.clock = words.back();
    return state;
}

}  // namespace hsm4::zymbit
