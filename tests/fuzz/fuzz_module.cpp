// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: whatever a bus says to a module, it answers in whole blocks of its size, and nothing that
// it remembers changes.
#include "hsm4/device/device.hpp"
#include "hsm4/wire/t1.hpp"
#include "tests/fuzz/law.hpp"
#include "tests/unit/device/test_memory.hpp"
#include "tests/unit/test_clock.hpp"

namespace device = hsm4::device;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TestMemory memory;
    TestClock clock;
    auto module = device::Device::start({}, memory, clock);
    fuzz::must(static_cast<bool>(module), "a module that starts");
    const int saves = memory.saves;
    hsm4::View rest = fuzz::input(data, size);
    while (!rest.empty()) {
        auto answer = module->receive(fuzz::next_piece(rest));
        if (!answer) continue;
        auto block = hsm4::wire::t1::decode(*answer);
        fuzz::must(static_cast<bool>(block), "an answer is a block");
        fuzz::must(block->nad == hsm4::wire::t1::nad_module, "and says whose it is");
    }
    fuzz::must(memory.saves == saves, "nothing is remembered of strangers");
    return 0;
}
