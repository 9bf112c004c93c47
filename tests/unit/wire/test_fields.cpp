// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Fields: big-endian, with errors that latch.
#include "hsm4/wire/fields.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Bytes;
using hsm4::View;
using hsm4::wire::Reader;
using hsm4::wire::Writer;

static void what_is_written_is_read(void** /*state*/) {
    Writer out{64};
    out.put(std::uint8_t{0x12}).put(std::uint16_t{0x3456}).put(std::uint32_t{0x789abcde});
    out.put(std::uint64_t{0x0102030405060708}).put(hsm4::view_of("tail"));
    auto message = out.take();
    assert_string_equal(hsm4::to_hex(message->view()).c_str(),
                        "123456789abcde01020304050607087461696c");
    Reader in{message->view()};
    assert_int_equal(in.get<std::uint8_t>(), 0x12);
    assert_int_equal(in.get<std::uint16_t>(), 0x3456);
    assert_int_equal(in.get<std::uint32_t>(), 0x789abcde);
    assert_true(in.get<std::uint64_t>() == 0x0102030405060708);
    assert_false(in.done());
    assert_true(std::ranges::equal(in.rest(), hsm4::view_of("tail")));
    assert_true(in.done());
}

static void a_short_read_latches(void** /*state*/) {
    const Bytes three(3, std::byte{0xff});
    Reader in{three};
    assert_int_equal(in.get<std::uint32_t>(), 0);
    assert_true(in.short_read() && !in.done());
    assert_int_equal(in.get<std::uint8_t>(), 0);
    assert_true(in.take(1).empty() && in.rest().empty());
    assert_true(in.array<2>() == hsm4::Array<2>{});
    assert_true(in.short_read() && !in.done());
}

static void a_take_of_more_than_there_is_takes_nothing(void** /*state*/) {
    const Bytes three(3);
    Reader in{three};
    assert_true(in.take(SIZE_MAX).empty());
    assert_true(in.short_read());
}

static void nothing_is_done_at_once(void** /*state*/) {
    assert_true(Reader{View{}}.done());
    Reader in{View{}};
    assert_true(in.rest().empty() && in.done());
}

static void too_much_is_refused_as_a_whole(void** /*state*/) {
    Writer out{3};
    out.put(std::uint32_t{1}).put(std::uint8_t{1});
    assert_true(out.view().empty());
    assert_false(static_cast<bool>(out.take()));
    Writer exact{4};
    assert_int_equal(exact.put(std::uint32_t{1}).take()->size(), 4);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_short_read_latches),
        cmocka_unit_test(a_take_of_more_than_there_is_takes_nothing),
        cmocka_unit_test(nothing_is_done_at_once),
        cmocka_unit_test(too_much_is_refused_as_a_whole),
    };
    return cmocka_run_group_tests_name("fields", tests, nullptr, nullptr);
}
