// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// POLICY.
#include "hsm4/open/policy.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;
using hsm4::PerimeterAction;

static void a_policy_is_read(void** /*state*/) {
    ScriptedChannel channel{{{"0a00",
                              "00"
                              "0000003c"
                              "05"
                              "0201"
                              "0100"}}};
    const auto policy = hsm4::open::read_policy(channel);
    assert_true(static_cast<bool>(policy));
    assert_int_equal(policy->attest_interval_s, 60);
    assert_int_equal(policy->pin_tries, 5);
    assert_true(policy->channels[0].action == PerimeterAction::self_destruct);
    assert_true(policy->channels[0].armed);
    assert_true(policy->channels[1].action == PerimeterAction::notify);
    assert_false(policy->channels[1].armed);
}

static void what_is_no_policy_is_malformed(void** /*state*/) {
    for (const char* answer : {"00", "000000003c05020101", "000000003c050201010000",
                               "000000003c0503010100", "000000003c0502020100"}) {
        ScriptedChannel channel{{{"0a00", answer}}};
        assert_true(hsm4::open::read_policy(channel).error().code == Errc::malformed);
    }
}

static void an_action_is_set_for_one_channel(void** /*state*/) {
    const std::pair<PerimeterAction, const char*> actions[] = {
        {PerimeterAction::none, "0a010100"},
        {PerimeterAction::notify, "0a010101"},
        {PerimeterAction::self_destruct, "0a010102"}};
    for (const auto& [action, request] : actions) {
        ScriptedChannel channel{{{request, "00"}}};
        assert_true(static_cast<bool>(hsm4::open::set_perimeter_action(channel, 1, action)));
    }
    ScriptedChannel none{{}};
    const auto refused = hsm4::open::set_perimeter_action(none, 2, PerimeterAction::none);
    assert_true(refused.error().code == Errc::usage);
}

static void an_interval_has_at_least_ten_seconds_or_is_off(void** /*state*/) {
    ScriptedChannel channel{{{"0a020000000a", "00"}, {"0a0200000000", "00"}}};
    assert_true(static_cast<bool>(hsm4::open::set_attest_interval(channel, 10)));
    assert_true(static_cast<bool>(hsm4::open::set_attest_interval(channel, 0)));
    for (const std::uint32_t seconds : {1U, 9U})
        assert_true(hsm4::open::set_attest_interval(channel, seconds).error().code == Errc::usage);
    assert_true(channel.satisfied());
}

static void a_pin_has_one_to_twenty_tries(void** /*state*/) {
    ScriptedChannel channel{{{"0a0301", "00"}, {"0a0314", "00"}}};
    assert_true(static_cast<bool>(hsm4::open::set_pin_tries(channel, 1)));
    assert_true(static_cast<bool>(hsm4::open::set_pin_tries(channel, 20)));
    for (const std::uint8_t tries : {std::uint8_t{0}, std::uint8_t{21}})
        assert_true(hsm4::open::set_pin_tries(channel, tries).error().code == Errc::usage);
    assert_true(channel.satisfied());
}

static void a_refusal_is_passed_up(void** /*state*/) {
    ScriptedChannel channel{{{"*", "05"}}};
    const auto done = hsm4::open::set_perimeter_action(channel, 0, PerimeterAction::self_destruct);
    assert_true(done.error().code == Errc::wrong_state);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_read),
        cmocka_unit_test(what_is_no_policy_is_malformed),
        cmocka_unit_test(an_action_is_set_for_one_channel),
        cmocka_unit_test(an_interval_has_at_least_ten_seconds_or_is_off),
        cmocka_unit_test(a_pin_has_one_to_twenty_tries),
        cmocka_unit_test(a_refusal_is_passed_up),
    };
    return cmocka_run_group_tests_name("policy", tests, nullptr, nullptr);
}
