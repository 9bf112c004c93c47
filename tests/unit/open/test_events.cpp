// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// EVENTS.
#include "hsm4/open/events.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;
using hsm4::EventKind;

namespace {

constexpr const char* list = "0900";
/// number 7, kind 1 (perimeter), detail 1, time 0x1122
const std::string event =
    "000000070101"
    "0000000000001122";
std::string log_of(const char* count, const std::string& events) {
    return std::string{
               "00"
               "00000009"
               "00000002"} +
           count + events;
}

}  // namespace

static void a_log_is_read(void** /*state*/) {
    ScriptedChannel channel{{{list, log_of("01", event)}}};
    const auto log = hsm4::open::read_events(channel);
    assert_true(static_cast<bool>(log));
    assert_int_equal(log->last_number, 9);
    assert_int_equal(log->lost, 2);
    assert_int_equal(log->events.size(), 1);
    assert_int_equal(log->events[0].number, 7);
    assert_true(log->events[0].kind == EventKind::perimeter);
    assert_int_equal(log->events[0].detail, 1);
    assert_int_equal(log->events[0].time, 0x1122);
}

static void every_kind_is_known(void** /*state*/) {
    const std::pair<const char*, EventKind> kinds[] = {
        {"01", EventKind::perimeter},  {"02", EventKind::self_destructed},
        {"03", EventKind::lock_out},   {"04", EventKind::attest_missed},
        {"05", EventKind::pin_locked}, {"06", EventKind::revoked},
        {"07", EventKind::production}};
    for (const auto& [number, kind] : kinds) {
        const std::string text = "00000001" + std::string{number} + "00" + repeated("00", 8);
        ScriptedChannel channel{{{list, log_of("01", text)}}};
        const auto log = hsm4::open::read_events(channel);
        assert_true(log && log->events[0].kind == kind);
    }
}

static void an_empty_log_is_a_log(void** /*state*/) {
    ScriptedChannel channel{{{list, log_of("00", "")}}};
    assert_true(hsm4::open::read_events(channel)->events.empty());
}

static void what_is_no_log_is_malformed(void** /*state*/) {
    const std::string unknown = "000000070801" + repeated("00", 8);
    for (const std::string& answer :
         {std::string{"00"}, log_of("02", event), log_of("01", event + "00"), log_of("00", event),
          log_of("01", unknown), log_of("01", event.substr(2)), log_of("21", [] {
              std::string many;
              for (int at = 0; at < 33; ++at) many += event;
              return many;
          }())}) {
        ScriptedChannel channel{{{list, answer}}};
        assert_true(hsm4::open::read_events(channel).error().code == Errc::malformed);
    }
}

static void clearing_names_the_newest_event_that_was_seen(void** /*state*/) {
    ScriptedChannel channel{{{"090100000009", "00"}}};
    assert_true(static_cast<bool>(hsm4::open::clear_events(channel, 9)));
    ScriptedChannel shut{{{"*", "05"}}};
    assert_true(hsm4::open::clear_events(shut, 9).error().code == Errc::wrong_state);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_log_is_read),
        cmocka_unit_test(every_kind_is_known),
        cmocka_unit_test(an_empty_log_is_a_log),
        cmocka_unit_test(what_is_no_log_is_malformed),
        cmocka_unit_test(clearing_names_the_newest_event_that_was_seen),
    };
    return cmocka_run_group_tests_name("events", tests, nullptr, nullptr);
}
