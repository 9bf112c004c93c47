// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// BIND LOCK.
#include "hsm4/open/bind_lock.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;

static void it_names_the_slots_that_stay_bound(void** /*state*/) {
    ScriptedChannel channel{{{"0d05", "00"}}};
    assert_true(static_cast<bool>(hsm4::open::lock_binding(channel, 0x05)));
}

static void refusals_are_passed_up(void** /*state*/) {
    const std::pair<const char*, Errc> refusals[] = {{"05", Errc::wrong_state},
                                                     {"04", Errc::malformed},
                                                     {"07", Errc::io},
                                                     {"0000", Errc::malformed}};
    for (const auto& [answer, code] : refusals) {
        ScriptedChannel channel{{{"*", answer}}};
        assert_true(hsm4::open::lock_binding(channel, 1).error().code == code);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_names_the_slots_that_stay_bound),
        cmocka_unit_test(refusals_are_passed_up),
    };
    return cmocka_run_group_tests_name("bind_lock", tests, nullptr, nullptr);
}
