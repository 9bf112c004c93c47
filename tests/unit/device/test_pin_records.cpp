// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Try counters: making, room, forgetting.
#include "hsm4/device/pin_records.hpp"

#include <limits>

#include "tests/unit/cmocka_all.hpp"

using hsm4::device::State;
using hsm4::wire::most_pins;

static void a_new_record_has_all_of_its_tries(void** /*state*/) {
    State state;
    state.policy.pin_tries = 7;
    const auto* record = add_pin_record(state, 3);
    assert_non_null(record);
    assert_int_equal(record->id, 1);
    assert_int_equal(record->generation, 3);
    assert_int_equal(record->tries_left, 7);
    assert_false(record->used);
}

static void an_id_is_never_given_again(void** /*state*/) {
    State state;
    const auto first = add_pin_record(state, 0)->id;
    assert_true(forget_pin_record(state, first));
    assert_int_equal(add_pin_record(state, 0)->id, first + 1);
    state.last_pin = std::numeric_limits<std::uint32_t>::max();
    assert_null(add_pin_record(state, 0));
}

static void the_oldest_that_was_never_used_makes_room(void** /*state*/) {
    State state;
    for (std::size_t at = 0; at < most_pins; ++at) assert_non_null(add_pin_record(state, 0));
    state.pins[0].used = true;
    assert_int_equal(add_pin_record(state, 0)->id, most_pins + 1);
    assert_int_equal(state.pins.size(), most_pins);
    assert_non_null(find_pin_record(state, 1));
    assert_null(find_pin_record(state, 2));
}

static void used_ones_never_do(void** /*state*/) {
    State state;
    for (std::size_t at = 0; at < most_pins; ++at) add_pin_record(state, 0)->used = true;
    assert_null(add_pin_record(state, 0));
    assert_int_equal(state.pins.size(), most_pins);
    assert_int_equal(state.last_pin, most_pins);
}

static void a_record_is_forgotten_once(void** /*state*/) {
    State state;
    add_pin_record(state, 0);
    assert_true(forget_pin_record(state, 1));
    assert_false(forget_pin_record(state, 1));
    assert_null(find_pin_record(state, 1));
}

static void records_die_with_their_generation(void** /*state*/) {
    State state;
    for (const std::uint32_t generation : {1U, 2U, 3U}) add_pin_record(state, generation);
    forget_pin_records_before(state, 2);
    assert_null(find_pin_record(state, 1));
    assert_non_null(find_pin_record(state, 2));
    assert_non_null(find_pin_record(state, 3));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_new_record_has_all_of_its_tries),
        cmocka_unit_test(an_id_is_never_given_again),
        cmocka_unit_test(the_oldest_that_was_never_used_makes_room),
        cmocka_unit_test(used_ones_never_do),
        cmocka_unit_test(a_record_is_forgotten_once),
        cmocka_unit_test(records_die_with_their_generation),
    };
    return cmocka_run_group_tests_name("pin_records", tests, nullptr, nullptr);
}
