// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What finds room in the log, and what is counted only.
#include "hsm4/device/event_log.hpp"

#include <limits>

#include "tests/unit/cmocka_all.hpp"

using hsm4::device::EventLog;
using hsm4::wire::EventKind;

namespace {

EventLog full_log(EventKind kind) {
    EventLog log;
    for (std::size_t at = 0; at < hsm4::wire::most_events; ++at) add_event(log, kind, 0, at);
    return log;
}

}  // namespace

static void events_are_numbered_and_keep_their_order(void** /*state*/) {
    EventLog log;
    add_event(log, EventKind::revoked, 3, 100);
    add_event(log, EventKind::lock_out, 1, 200);
    assert_int_equal(log.last_number, 2);
    assert_int_equal(log.events[0].number, 1);
    assert_int_equal(log.events[0].detail, 3);
    assert_int_equal(log.events[0].time, 100);
    assert_true(log.events[1].kind == EventKind::lock_out);
}

static void a_full_log_keeps_the_first_and_counts_the_others(void** /*state*/) {
    EventLog log = full_log(EventKind::revoked);
    add_event(log, EventKind::lock_out, 0, 1);
    assert_int_equal(log.events.size(), hsm4::wire::most_events);
    assert_int_equal(log.events.front().number, 1);
    assert_int_equal(log.lost, 1);
    assert_int_equal(log.last_number, hsm4::wire::most_events + 1);
}

static void the_perimeter_displaces_the_newest_of_the_others(void** /*state*/) {
    EventLog log = full_log(EventKind::revoked);
    add_event(log, EventKind::perimeter, 1, 1);
    assert_int_equal(log.events.size(), hsm4::wire::most_events);
    assert_true(log.events.back().kind == EventKind::perimeter);
    assert_int_equal(log.events[log.events.size() - 2].number, hsm4::wire::most_events - 1);
    assert_int_equal(log.lost, 1);
}

static void one_of_the_perimeter_never_displaces_another(void** /*state*/) {
    EventLog log = full_log(EventKind::perimeter);
    add_event(log, EventKind::self_destructed, 1, 1);
    assert_true(log.events.back().kind == EventKind::perimeter);
    assert_int_equal(log.lost, 1);
}

static void clearing_forgets_what_was_seen_and_no_more(void** /*state*/) {
    EventLog log = full_log(EventKind::revoked);
    add_event(log, EventKind::revoked, 0, 0);
    clear_events(log, 30);
    assert_int_equal(log.events.size(), 2);
    assert_int_equal(log.events.front().number, 31);
    assert_int_equal(log.lost, 1);  // the lost one came later
    clear_events(log, log.last_number);
    assert_true(log.events.empty());
    assert_int_equal(log.lost, 0);
    add_event(log, EventKind::revoked, 0, 0);
    assert_int_equal(log.events.front().number, hsm4::wire::most_events + 2);
}

static void an_event_of_a_channel_is_found(void** /*state*/) {
    EventLog log;
    add_event(log, EventKind::lock_out, 1, 0);
    assert_false(has_perimeter_event(log, 1));
    add_event(log, EventKind::perimeter, 1, 0);
    assert_true(has_perimeter_event(log, 1));
    assert_false(has_perimeter_event(log, 0));
}

static void numbers_stop_at_the_last_one(void** /*state*/) {
    EventLog log;
    log.last_number = std::numeric_limits<std::uint32_t>::max();
    add_event(log, EventKind::revoked, 0, 0);
    assert_int_equal(log.last_number, std::numeric_limits<std::uint32_t>::max());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(events_are_numbered_and_keep_their_order),
        cmocka_unit_test(a_full_log_keeps_the_first_and_counts_the_others),
        cmocka_unit_test(the_perimeter_displaces_the_newest_of_the_others),
        cmocka_unit_test(one_of_the_perimeter_never_displaces_another),
        cmocka_unit_test(clearing_forgets_what_was_seen_and_no_more),
        cmocka_unit_test(an_event_of_a_channel_is_found),
        cmocka_unit_test(numbers_stop_at_the_last_one),
    };
    return cmocka_run_group_tests_name("event_log", tests, nullptr, nullptr);
}
