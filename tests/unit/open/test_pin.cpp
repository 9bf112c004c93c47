// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// PIN.
#include "hsm4/open/pin.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::VolumeBinding;

static void the_records_are_read(void** /*state*/) {
    ScriptedChannel channel{{{"0b00",
                              "00"
                              "02"
                              "00000007"
                              "00000001"
                              "05"
                              "01"
                              "00000008"
                              "00000002"
                              "00"
                              "00"}}};
    const auto records = hsm4::open::read_pin_records(channel);
    assert_true(static_cast<bool>(records));
    assert_int_equal(records->size(), 2);
    assert_int_equal((*records)[0].id, 7);
    assert_int_equal((*records)[0].generation, 1);
    assert_int_equal((*records)[0].tries_left, 5);
    assert_true((*records)[0].used);
    assert_int_equal((*records)[1].tries_left, 0);
    assert_false((*records)[1].used);
}

static void a_wrong_count_is_malformed(void** /*state*/) {
    const std::string record =
        "00000007"
        "00000001"
        "05"
        "01";
    for (const std::string& answer :
         {std::string{"00"}, std::string{"0001"}, "0000" + record, std::string{"00ff"}}) {
        ScriptedChannel channel{{{"0b00", answer}}};
        assert_true(hsm4::open::read_pin_records(channel).error().code == Errc::malformed);
    }
    ScriptedChannel longer{{{"0b00", "0001" + record + "00"}}};
    assert_true(hsm4::open::read_pin_records(longer).error().code == Errc::malformed);
}

static void a_record_is_forgotten_by_its_locked_key_or_its_id(void** /*state*/) {
    const VolumeBinding binding = filled<32>(0xb1);
    ScriptedChannel channel{{{"0b01" + repeated("b1", 32) + "c0c0", "00"}, {"0b0200000007", "00"}}};
    const Bytes locked(2, std::byte{0xc0});
    assert_true(static_cast<bool>(hsm4::open::forget_pin(channel, locked, binding)));
    assert_true(static_cast<bool>(hsm4::open::forget_pin(channel, 7)));
    assert_true(channel.satisfied());
}

static void a_locked_key_that_cannot_be_one_is_not_even_sent(void** /*state*/) {
    ScriptedChannel channel{{}};
    for (const std::size_t size : {0U, 513U}) {
        const Bytes locked(size);
        const auto done = hsm4::open::forget_pin(channel, locked, VolumeBinding{});
        assert_true(done.error().code == Errc::malformed);
    }
}

static void a_record_that_is_not_there_is_refused(void** /*state*/) {
    ScriptedChannel channel{{{"0b0200000009", "01"}}};
    assert_true(hsm4::open::forget_pin(channel, 9).error().code == Errc::refused);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_records_are_read),
        cmocka_unit_test(a_wrong_count_is_malformed),
        cmocka_unit_test(a_record_is_forgotten_by_its_locked_key_or_its_id),
        cmocka_unit_test(a_locked_key_that_cannot_be_one_is_not_even_sent),
        cmocka_unit_test(a_record_that_is_not_there_is_refused),
    };
    return cmocka_run_group_tests_name("pin", tests, nullptr, nullptr);
}
