// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Deadlines: they shrink, and never grow.
#include "tests/unit/test_clock.hpp"
#include "hsm4/clock.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Deadline;
using namespace std::chrono_literals;

static void a_deadline_runs_out(void** /*state*/) {
    TestClock clock;
    const Deadline deadline{clock, 10ms};
    assert_true(!deadline.expired() && deadline.left() == 10ms);
    clock.pass(9999us);
    assert_true(!deadline.expired() && deadline.left() == 1us);
    clock.pass(1us);
    assert_true(deadline.expired() && deadline.left() == 0us);
    clock.pass(1h);
    assert_true(deadline.left() == 0us);
}

static void a_part_of_it_ends_no_later(void** /*state*/) {
    TestClock clock;
    const Deadline deadline{clock, 10ms};
    assert_true(deadline.at_most(3ms).left() == 3ms);
    assert_true(deadline.at_most(1h).left() == 10ms);
    clock.pass(9ms);
    assert_true(deadline.at_most(3ms).left() == 1ms);
    clock.pass(9ms);
    assert_true(deadline.at_most(3ms).expired());
}

static void the_real_clock_goes_forward(void** /*state*/) {
    hsm4::SystemClock clock;
    const auto before = clock.now();
    clock.sleep(2ms);
    assert_true(clock.now() - before >= 2ms);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_deadline_runs_out),
        cmocka_unit_test(a_part_of_it_ends_no_later),
        cmocka_unit_test(the_real_clock_goes_forward),
    };
    return cmocka_run_group_tests_name("clock", tests, nullptr, nullptr);
}
