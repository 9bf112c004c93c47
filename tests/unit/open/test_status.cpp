// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// STATUS.
#include "hsm4/open/status.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;

namespace {

constexpr auto fields =
    "11"
    "00000007"
    "05"
    "00000001"
    "00000002"
    "0000000a"
    "00000e10"
    "00000064"
    "0003";

}  // namespace

static void every_field_is_read(void** /*state*/) {
    ScriptedChannel channel{{{"02", std::string{"00"} + fields}}};
    auto status = hsm4::open::read_status(channel);
    assert_true(static_cast<bool>(status) && channel.satisfied());
    assert_true(status->secure && status->life_cycle == hsm4::LifeCycle::development);
    assert_int_equal(status->generation, 7);
    assert_int_equal(status->bound_slots, 5);
    assert_int_equal(status->wrong_proofs, 1);
    assert_int_equal(status->lockouts, 2);
    assert_int_equal(status->delay_s, 10);
    assert_int_equal(status->attest_interval_s, 3600);
    assert_int_equal(status->attest_left_s, 100);
    assert_int_equal(status->events, 3);
}

static void anything_else_is_refused(void** /*state*/) {
    const std::string whole = std::string{"00"} + fields;
    for (const std::string& answer : {whole + "00", whole.substr(0, whole.size() - 2),
                                      std::string{"00"}, "000f" + whole.substr(4)}) {
        ScriptedChannel channel{{{"02", answer}}};
        auto status = hsm4::open::read_status(channel);
        assert_true(!status && status.error().code == Errc::malformed);
    }
    ScriptedChannel refusing{{{"02", "05"}}};
    assert_true(hsm4::open::read_status(refusing).error().code == Errc::wrong_state);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests_name("status", tests, nullptr, nullptr);
}
