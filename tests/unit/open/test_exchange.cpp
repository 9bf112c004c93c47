// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Exchanges: what is tried again, how often, and what never is.
#include "hsm4/open/exchange.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_transport.hpp"

using hsm4::Deadline;
using hsm4::Errc;
using hsm4::Error;
using hsm4::Status;
using hsm4::open::Exchange;
using namespace std::chrono_literals;

namespace {

struct Tried {
    int times = 0;
    Status outcome = hsm4::ok();
    std::chrono::microseconds took{};
    bool released_each = false;
};

/// Runs a body that fails `failures` times with `code`.
Tried attempt(Errc code, int failures, std::chrono::microseconds budget = 10s,
              bool commit = false) {
    TestClock clock;
    ScriptedTransport bus{clock, {}};
    const auto begun = clock.now();
    Tried tried;
    tried.outcome = hsm4::open::run_exchange(bus, clock, Deadline{clock, budget},
                                             [&](Exchange& exchange) -> Status {
                                                 if (commit) exchange.commit();
                                                 if (++tried.times <= failures)
                                                     return Error{code, "test"};
                                                 return hsm4::ok();
                                             });
    tried.took = clock.now() - begun;
    tried.released_each = bus.acquired == tried.times && bus.released == tried.times;
    return tried;
}

}  // namespace

static void success_is_not_repeated(void** /*state*/) {
    const auto tried = attempt(Errc::bus, 0);
    assert_true(tried.times == 1 && tried.outcome && tried.released_each);
}

static void faults_of_the_link_are(void** /*state*/) {
    for (const Errc code : {Errc::bus, Errc::timeout}) {
        const auto tried = attempt(code, 3);
        assert_true(tried.times == 4 && tried.outcome && tried.released_each);
        assert_true(tried.took > 0us);  // with pauses
    }
}

static void but_not_for_ever(void** /*state*/) {
    const auto tried = attempt(Errc::bus, 1000);
    assert_true(tried.times == 6 && !tried.outcome && tried.released_each);
    assert_true(tried.outcome.error().code == Errc::bus);
}

static void nor_beyond_the_deadline(void** /*state*/) {
    const auto tried = attempt(Errc::bus, 1000, 25ms);
    assert_true(tried.times < 6 && !tried.outcome);
    assert_true(tried.took <= 25ms);
}

static void answers_are_not_repeated(void** /*state*/) {
    for (const Errc code :
         {Errc::refused, Errc::unauthentic, Errc::malformed, Errc::wrong_state, Errc::no_device,
          Errc::io, Errc::bad_pin, Errc::pin_locked, Errc::usage}) {
        const auto tried = attempt(code, 1000);
        assert_true(tried.times == 1 && tried.outcome.error().code == code && tried.released_each);
    }
}

static void what_the_module_counts_is_not_repeated(void** /*state*/) {
    const auto tried = attempt(Errc::bus, 1000, 10s, true);
    assert_true(tried.times == 1 && tried.outcome.error().code == Errc::bus);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(success_is_not_repeated),
        cmocka_unit_test(faults_of_the_link_are),
        cmocka_unit_test(but_not_for_ever),
        cmocka_unit_test(nor_beyond_the_deadline),
        cmocka_unit_test(answers_are_not_repeated),
        cmocka_unit_test(what_the_module_counts_is_not_repeated),
    };
    return cmocka_run_group_tests_name("exchange", tests, nullptr, nullptr);
}
