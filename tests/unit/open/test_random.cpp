// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// RANDOM.
#include "hsm4/open/random.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;

static void it_gives_what_was_asked_for(void** /*state*/) {
    ScriptedChannel channel{{{"0603", "00a1a2a3"}}};
    assert_string_equal(hsm4::to_hex(hsm4::open::read_random(channel, 3)->view()).c_str(),
                        "a1a2a3");
}

static void sizes_out_of_range_are_not_even_sent(void** /*state*/) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{129}, std::size_t{257}}) {
        ScriptedChannel channel{{}};
        assert_true(hsm4::open::read_random(channel, size).error().code == Errc::usage);
    }
}

static void another_number_of_bytes_is_malformed(void** /*state*/) {
    for (const char* answer : {"00", "00a1a2", "00a1a2a3a4"}) {
        ScriptedChannel channel{{{"0603", answer}}};
        assert_true(hsm4::open::read_random(channel, 3).error().code == Errc::malformed);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_gives_what_was_asked_for),
        cmocka_unit_test(sizes_out_of_range_are_not_even_sent),
        cmocka_unit_test(another_number_of_bytes_is_malformed),
    };
    return cmocka_run_group_tests_name("random", tests, nullptr, nullptr);
}
