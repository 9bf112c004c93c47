// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// LED.
#include "hsm4/open/led.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;
using hsm4::LedMode;
using hsm4::LedOrder;

static void each_mode_has_its_number(void** /*state*/) {
    const std::pair<LedMode, const char*> modes[] = {{LedMode::automatic, "0800000000000000"},
                                                     {LedMode::on, "0801000000000000"},
                                                     {LedMode::off, "0802000000000000"}};
    for (const auto& [mode, request] : modes) {
        ScriptedChannel channel{{{request, "00"}}};
        assert_true(static_cast<bool>(hsm4::open::order_led(channel, {mode})));
    }
}

static void a_flash_has_its_times(void** /*state*/) {
    ScriptedChannel channel{{{"080301f400fa0003", "00"}}};
    const LedOrder order{LedMode::flash, 500, 250, 3};
    assert_true(static_cast<bool>(hsm4::open::order_led(channel, order)));
}

static void a_flash_without_times_is_not_even_sent(void** /*state*/) {
    for (const LedOrder& order :
         {LedOrder{LedMode::flash, 0, 1, 1}, LedOrder{LedMode::flash, 1, 0, 1}}) {
        ScriptedChannel channel{{}};
        assert_true(hsm4::open::order_led(channel, order).error().code == Errc::usage);
    }
}

static void an_answer_with_fields_is_malformed(void** /*state*/) {
    ScriptedChannel channel{{{"*", "0000"}}};
    assert_true(hsm4::open::order_led(channel, {LedMode::on}).error().code == Errc::malformed);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_mode_has_its_number),
        cmocka_unit_test(a_flash_has_its_times),
        cmocka_unit_test(a_flash_without_times_is_not_even_sent),
        cmocka_unit_test(an_answer_with_fields_is_malformed),
    };
    return cmocka_run_group_tests_name("led", tests, nullptr, nullptr);
}
