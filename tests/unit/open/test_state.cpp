// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The state byte.
#include "hsm4/open/state.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;
using hsm4::LifeCycle;

static void life_cycles_and_flags_are_told_apart(void** /*state*/) {
    assert_true(hsm4::open::decode_state(0x00)->life_cycle == LifeCycle::unbound);
    assert_true(hsm4::open::decode_state(0x01)->life_cycle == LifeCycle::development);
    assert_true(hsm4::open::decode_state(0x02)->life_cycle == LifeCycle::production);
    auto all = hsm4::open::decode_state(0xf2);
    assert_true(all->secure && all->compromised && all->tampered && all->destroyed);
    auto none = hsm4::open::decode_state(0x02);
    assert_false(none->secure || none->compromised || none->tampered || none->destroyed);
    assert_true(hsm4::open::decode_state(0x10)->secure);
    assert_true(hsm4::open::decode_state(0x20)->compromised);
    assert_true(hsm4::open::decode_state(0x40)->tampered);
    assert_true(hsm4::open::decode_state(0x80)->destroyed);
}

static void other_life_cycles_are_malformed(void** /*state*/) {
    for (unsigned low = 3; low < 16; ++low)
        assert_true(hsm4::open::decode_state(static_cast<std::uint8_t>(low)).error().code ==
                    Errc::malformed);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(life_cycles_and_flags_are_told_apart),
        cmocka_unit_test(other_life_cycles_are_malformed),
    };
    return cmocka_run_group_tests_name("state", tests, nullptr, nullptr);
}
