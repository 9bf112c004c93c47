// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: of a module's memory only what it wrote itself is accepted. The checksum is made right here,
// as an input could not guess it.
#include "hsm4/crypto.hpp"
#include "hsm4/device/state.hpp"
#include "tests/fuzz/law.hpp"

namespace device = hsm4::device;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const hsm4::View input = fuzz::input(data, size);
    fuzz::must(!device::decode_state(input), "no checksum, no state");
    hsm4::Bytes encoded{input.begin(), input.end()};
    auto checksum = hsm4::crypto::sha256({input});
    fuzz::must(static_cast<bool>(checksum), "a checksum");
    hsm4::append(encoded, *checksum);
    auto state = device::decode_state(encoded);
    if (!state) return 0;
    auto again = device::encode_state(*state);
    fuzz::must(again && std::ranges::equal(again->view(), encoded),
               "encode(decode(state)) == state");
    return 0;
}
