// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: a key comes out only of what was sealed for this very volume, and sealing it again gives
// the same.
#include "hsm4/zymbit/sealed.hpp"
#include "tests/fuzz/law.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const hsm4::View plaintext = fuzz::input(data, size);
    const hsm4::VolumeBinding binding{};
    auto key = hsm4::zymbit::unseal(plaintext, binding);
    if (!key) return 0;
    fuzz::must(hsm4::zymbit::is_sealed(plaintext), "what unseals looks sealed");
    auto again = hsm4::zymbit::seal(key->view(), binding);
    fuzz::must(again && std::ranges::equal(again->view(), plaintext), "seal(unseal(text)) == text");
    return 0;
}
