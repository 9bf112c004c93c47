// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// REVOKE.
#include "hsm4/open/revoke.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::VolumeBinding;

static void a_locked_key_tells_its_generation(void** /*state*/) {
    const VolumeBinding binding = filled<32>(0xb1);
    ScriptedChannel channel{{{"0c00" + repeated("b1", 32) + "c0c0c0",
                              "00"
                              "00000005"}}};
    const Bytes locked(3, std::byte{0xc0});
    assert_int_equal(*hsm4::open::generation_of(channel, locked, binding), 5);
}

static void a_dead_one_is_refused(void** /*state*/) {
    ScriptedChannel channel{{{"*", "01"}}};
    const Bytes locked(3);
    const auto generation = hsm4::open::generation_of(channel, locked, VolumeBinding{});
    assert_true(generation.error().code == Errc::refused);
}

static void one_that_cannot_be_is_not_even_sent(void** /*state*/) {
    ScriptedChannel channel{{}};
    for (const std::size_t size : {0U, 513U}) {
        const Bytes locked(size);
        const auto generation = hsm4::open::generation_of(channel, locked, VolumeBinding{});
        assert_true(generation.error().code == Errc::malformed);
    }
}

static void a_revocation_raises_the_generation_by_one(void** /*state*/) {
    ScriptedChannel channel{{{"0c0100000005",
                              "00"
                              "00000006"}}};
    assert_int_equal(*hsm4::open::revoke(channel, 5), 6);
}

static void another_generation_than_the_next_is_malformed(void** /*state*/) {
    for (const char* answer : {"0000000005", "0000000007", "00000006", "000000000600"}) {
        ScriptedChannel channel{{{"*", answer}}};
        assert_true(hsm4::open::revoke(channel, 5).error().code == Errc::malformed);
    }
}

static void a_generation_that_is_not_the_present_one_is_a_wrong_state(void** /*state*/) {
    ScriptedChannel channel{{{"*", "05"}}};
    assert_true(hsm4::open::revoke(channel, 5).error().code == Errc::wrong_state);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_locked_key_tells_its_generation),
        cmocka_unit_test(a_dead_one_is_refused),
        cmocka_unit_test(one_that_cannot_be_is_not_even_sent),
        cmocka_unit_test(a_revocation_raises_the_generation_by_one),
        cmocka_unit_test(another_generation_than_the_next_is_malformed),
        cmocka_unit_test(a_generation_that_is_not_the_present_one_is_a_wrong_state),
    };
    return cmocka_run_group_tests_name("revoke", tests, nullptr, nullptr);
}
