// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: bytes that decode as a block are what encoding that block gives, and the head alone tells
// how long they are.
#include "hsm4/wire/t1.hpp"
#include "tests/fuzz/law.hpp"

namespace t1 = hsm4::wire::t1;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const hsm4::View frame = fuzz::input(data, size);
    auto block = t1::decode(frame);
    if (!block) return 0;
    auto again = t1::encode(*block);
    fuzz::must(again && std::ranges::equal(*again, frame), "encode(decode(frame)) == frame");
    auto length = t1::frame_size(frame.first(t1::head_size));
    fuzz::must(length && *length == size, "frame_size(head) == size of the frame");
    return 0;
}
