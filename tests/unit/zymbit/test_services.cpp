// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a Zymbit module does beside locking: light, perimeter, clock, and its state where the
// software does not tell it.
#include <ctime>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/zymbit/stand_in_fixture.hpp"

using hsm4::Errc;
using hsm4::LedMode;
using hsm4::LifeCycle;
using hsm4::PerimeterAction;

static void the_light_is_switched_by_the_library(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    assert_true(static_cast<bool>(module.led({.mode = LedMode::on})));
    assert_int_equal(fixture.count_calls("led on\n"), 1);
    assert_true(static_cast<bool>(module.led({.mode = LedMode::off})));
    assert_int_equal(fixture.count_calls("led off\n"), 1);
    assert_true(static_cast<bool>(
        module.led({.mode = LedMode::flash, .on_ms = 100, .off_ms = 50, .flashes = 3})));
    assert_int_equal(fixture.count_calls("led flash 100 50 3\n"), 1);
    auto automatic = module.led({.mode = LedMode::automatic});
    assert_true(!automatic && automatic.error().code == Errc::unsupported);
}

static void perimeter_events_are_told_and_forgotten(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    auto log = module.events();
    assert_true(log && log->events.empty() && log->last_number == 0);
    fixture.set_defects("opened");
    log = module.events();
    assert_true(log && log->events.size() == 1 && log->last_number == 1);
    assert_int_equal(log->events[0].kind, hsm4::EventKind::perimeter);
    assert_int_equal(log->events[0].detail, 1);
    assert_int_equal(log->events[0].time, 1000);
    auto unseen = module.clear_events(0);  // it came after the caller had looked
    assert_true(!unseen && unseen.error().code == Errc::refused);
    assert_int_equal(fixture.count_calls("perimeter clear"), 0);
    assert_true(static_cast<bool>(module.clear_events(1)));
    assert_int_equal(fixture.count_calls("perimeter clear"), 1);
}

static void status_counts_events_and_shows_the_clock(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    auto status = module.status();
    assert_true(status && !status->tampered && status->events == 0);
    assert_true(status->clock.has_value());
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    assert_in_range(*status->clock, now - 60, now + 60);
    fixture.set_defects("opened");
    status = module.status();
    assert_true(status && status->tampered && status->events == 1);
}

static void perimeter_actions_are_the_vendors_flags(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    assert_true(static_cast<bool>(module.set_perimeter_action(0, PerimeterAction::none)));
    assert_int_equal(fixture.count_calls("perimeter 0 0"), 1);
    assert_true(static_cast<bool>(module.set_perimeter_action(1, PerimeterAction::notify)));
    assert_int_equal(fixture.count_calls("perimeter 1 1"), 1);
    auto unknown = module.set_perimeter_action(2, PerimeterAction::notify);
    assert_true(!unknown && unknown.error().code == Errc::usage);
}

static void self_destruction_is_for_production_only(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.library();
    for (const char* state : {"", "unbound", "foreign"}) {
        fixture.set_defects(state);
        auto armed = module.set_perimeter_action(1, PerimeterAction::self_destruct);
        assert_true(!armed && armed.error().code == Errc::wrong_state);
    }
    auto old = fixture.library("libzk_app_utils-2020.so");  // cannot tell, so it may not
    assert_false(static_cast<bool>(old.set_perimeter_action(1, PerimeterAction::self_destruct)));
    assert_int_equal(fixture.count_calls("perimeter 1"), 0);
    fixture.set_defects("production");
    assert_true(static_cast<bool>(module.set_perimeter_action(1, PerimeterAction::self_destruct)));
    assert_int_equal(fixture.count_calls("perimeter 1 2"), 1);
}

static void software_that_does_not_tell_is_put_to_the_test(void** /*state*/) {
    StandInFixture fixture;
    auto old = fixture.library("libzk_app_utils-2020.so");
    auto status = old.status();
    assert_true(status && status->life_cycle == LifeCycle::unknown && status->secure);
    auto programs = fixture.programs();
    status = programs.status();
    assert_true(status && status->life_cycle == LifeCycle::unknown && status->secure);
    fixture.set_defects("deaf");  // a Zymkey, which answers no question about its binding
    status = fixture.library().status();
    assert_true(status && status->life_cycle == LifeCycle::unknown && status->secure);
    fixture.set_defects("unbound");
    status = old.status();
    assert_true(!status && status.error().code == Errc::timeout);
    assert_false(static_cast<bool>(programs.status()));
}

static void the_programs_do_nothing_else(void** /*state*/) {
    StandInFixture fixture;
    auto module = fixture.programs();
    const auto is_refused = [](const hsm4::Status& done) {
        return !done && done.error().code == Errc::no_software;
    };
    assert_true(is_refused(module.led({.mode = LedMode::on})));
    assert_true(is_refused(module.clear_events(0)));
    assert_true(is_refused(module.set_perimeter_action(0, PerimeterAction::none)));
    auto events = module.events();
    assert_true(!events && events.error().code == Errc::no_software);
    assert_string_equal(fixture.calls().c_str(), "");
}

static void a_service_that_hangs_ends_in_time(void** /*state*/) {
    StandInFixture fixture{"hang"};
    fixture.set_budget(std::chrono::milliseconds{300});
    auto module = fixture.library();
    auto lit = module.led({.mode = LedMode::on});
    assert_true(!lit && lit.error().code == Errc::timeout);
    assert_true(StandInFixture::has_no_child());
}

static void a_network_card_is_waited_for_but_not_for_long(void** /*state*/) {
    using namespace std::chrono_literals;
    StandInFixture fixture;
    auto module = fixture.programs();
    const auto waited = [&] {
        const auto start = fixture.clock().now();
        assert_true(static_cast<bool>(module.random(8)));
        return fixture.clock().now() - start;
    };
    std::filesystem::remove_all(fixture.scratch().path("net/eth0"));
    fixture.scratch().write("net/lo/address", "00:00:00:00:00:00");
    assert_true(waited() >= 3s);
    fixture.scratch().write("net/enxb827eb000001/address", "b8:27:eb:00:00:01");
    assert_true(fixture.clock().sleeps() > 0);
    const int before = fixture.clock().sleeps();
    static_cast<void>(waited());
    assert_int_equal(fixture.clock().sleeps(), before);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_light_is_switched_by_the_library),
        cmocka_unit_test(perimeter_events_are_told_and_forgotten),
        cmocka_unit_test(status_counts_events_and_shows_the_clock),
        cmocka_unit_test(perimeter_actions_are_the_vendors_flags),
        cmocka_unit_test(self_destruction_is_for_production_only),
        cmocka_unit_test(software_that_does_not_tell_is_put_to_the_test),
        cmocka_unit_test(the_programs_do_nothing_else),
        cmocka_unit_test(a_service_that_hangs_ends_in_time),
        cmocka_unit_test(a_network_card_is_waited_for_but_not_for_long),
    };
    return cmocka_run_group_tests_name("services", tests, nullptr, nullptr);
}
