// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Deterministic CBOR: what is written, what is taken for it, and what must not reach libcbor.
#include "hsm4/cbor.hpp"
#include "tests/unit/cmocka_all.hpp"

namespace cbor = hsm4::cbor;
using hsm4::Bytes;
using hsm4::Errc;

namespace {

std::string hex_of(const cbor::Item& item) { return hsm4::to_hex(*cbor::encode(item)); }
Bytes bytes_of(const char* hex) { return *hsm4::from_hex(hex); }

void assert_not_deterministic(const char* hex) {
    auto item = cbor::decode_deterministic(bytes_of(hex));
    assert_true(!item && item.error().code == Errc::malformed);
}

}  // namespace

// RFC 8949, appendix A
static void integers_take_their_shortest_form(void** /*state*/) {
    const struct {
        std::int64_t value;
        const char* encoded;
    } vectors[] = {{0, "00"},
                   {23, "17"},
                   {24, "1818"},
                   {255, "18ff"},
                   {256, "190100"},
                   {65535, "19ffff"},
                   {65536, "1a00010000"},
                   {1000000000000, "1b000000e8d4a51000"},
                   {-1, "20"},
                   {-24, "37"},
                   {-25, "3818"},
                   {-1000, "3903e7"}};
    for (const auto& vector : vectors) {
        assert_string_equal(hex_of(cbor::integer(vector.value)).c_str(), vector.encoded);
        auto item = cbor::decode_deterministic(bytes_of(vector.encoded));
        assert_true(*cbor::as_integer(item->get()) == vector.value);
    }
}

static void strings_arrays_maps_and_tags_are_written_as_specified(void** /*state*/) {
    assert_string_equal(hex_of(cbor::bytes(bytes_of("01020304"))).c_str(), "4401020304");
    assert_string_equal(hex_of(cbor::text("IETF")).c_str(), "6449455446");
    assert_string_equal(hex_of(cbor::null()).c_str(), "f6");
    assert_string_equal(hex_of(cbor::array(cbor::integer(1), cbor::array())).c_str(), "820180");
    assert_string_equal(hex_of(cbor::map()).c_str(), "a0");
    assert_string_equal(hex_of(cbor::map(cbor::integer(1), cbor::integer(-8))).c_str(), "a10127");
    assert_string_equal(hex_of(cbor::tag(18, cbor::array())).c_str(), "d280");
}

static void a_missing_item_makes_no_encoding(void** /*state*/) {
    assert_false(static_cast<bool>(cbor::encode(nullptr)));
    assert_false(static_cast<bool>(cbor::encode(cbor::array(cbor::integer(1), nullptr))));
    assert_false(static_cast<bool>(cbor::encode(cbor::map(nullptr, cbor::integer(1)))));
    assert_false(static_cast<bool>(cbor::encode(cbor::tag(18, nullptr))));
}

static void what_is_too_long_makes_no_encoding(void** /*state*/) {
    assert_true(static_cast<bool>(cbor::encode(cbor::bytes(Bytes(65000)))));
    assert_false(static_cast<bool>(cbor::encode(cbor::bytes(Bytes(66000)))));
}

static void only_the_shortest_form_is_deterministic(void** /*state*/) {
    for (const char* hex : {"1817", "190018", "1900ff", "1a0000ffff", "1b00000000ffffffff",
                            "5801aa", "9801f6", "5f41aaff", "9fff", "bfff"}) {
        assert_not_deterministic(hex);
    }
    assert_true(static_cast<bool>(cbor::decode(bytes_of("1817"))));
}

static void bytes_left_over_or_missing_are_refused(void** /*state*/) {
    for (const char* hex : {"", "0000", "f6f6", "18", "42aa", "8101ff", "81", "a1", "a101", "ff",
                            "1c", "1d", "1e", "d2"})
        assert_not_deterministic(hex);
}

static void announced_sizes_are_checked_before_anything_is_allocated(void** /*state*/) {
    for (const char* hex : {"5bffffffffffffffff", "9bffffffffffffffff", "bbffffffffffffffff",
                            "7b7fffffffffffffff", "5b00000000ffffffff00", "9a7fffffff00"}) {
        assert_false(static_cast<bool>(cbor::decode(bytes_of(hex))));
        assert_not_deterministic(hex);
    }
}

static void depth_without_end_is_survived(void** /*state*/) {
    const Bytes arrays(100000, std::byte{0x81});
    assert_false(static_cast<bool>(cbor::decode(arrays)));
    assert_false(static_cast<bool>(cbor::decode(Bytes(100000, std::byte{0xc1}))));
    Bytes closed(5000, std::byte{0x81});
    closed.push_back(std::byte{0x00});
    auto item = cbor::decode(closed);
    (void)item;  // either way, without a report of the sanitizers
}

static void a_tag_is_read_only_as_the_outermost_item(void** /*state*/) {
    assert_true(static_cast<bool>(cbor::decode_tagged(18, bytes_of("d280"))));
    assert_true(static_cast<bool>(cbor::decode_tagged(18, bytes_of("d81280"))));
    for (const char* hex : {"", "80", "d180", "d2", "d28000", "82d28000", "df80"})
        assert_false(static_cast<bool>(cbor::decode_tagged(18, bytes_of(hex))));
}

static void a_value_of_another_type_is_refused(void** /*state*/) {
    auto text = cbor::text("x");
    auto number = cbor::integer(-1);
    assert_false(static_cast<bool>(cbor::as_bytes(text.get())));
    assert_false(static_cast<bool>(cbor::as_unsigned(text.get())));
    assert_false(static_cast<bool>(cbor::as_integer(text.get())));
    assert_false(static_cast<bool>(cbor::as_array(text.get(), 1)));
    assert_false(static_cast<bool>(cbor::as_text(number.get())));
    assert_false(static_cast<bool>(cbor::as_unsigned(number.get())));
    assert_false(static_cast<bool>(cbor::as_array(cbor::array(cbor::null()).get(), 2)));
}

static void integers_beyond_64_signed_bits_are_refused(void** /*state*/) {
    for (const char* hex : {"1bffffffffffffffff", "3b8000000000000000"})
        assert_false(static_cast<bool>(cbor::as_integer(cbor::decode(bytes_of(hex))->get())));
    assert_true(*cbor::as_integer(cbor::decode(bytes_of("3b7fffffffffffffff"))->get()) ==
                INT64_MIN);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(integers_take_their_shortest_form),
        cmocka_unit_test(strings_arrays_maps_and_tags_are_written_as_specified),
        cmocka_unit_test(a_missing_item_makes_no_encoding),
        cmocka_unit_test(what_is_too_long_makes_no_encoding),
        cmocka_unit_test(only_the_shortest_form_is_deterministic),
        cmocka_unit_test(bytes_left_over_or_missing_are_refused),
        cmocka_unit_test(announced_sizes_are_checked_before_anything_is_allocated),
        cmocka_unit_test(depth_without_end_is_survived),
        cmocka_unit_test(a_tag_is_read_only_as_the_outermost_item),
        cmocka_unit_test(a_value_of_another_type_is_refused),
        cmocka_unit_test(integers_beyond_64_signed_bits_are_refused),
    };
    return cmocka_run_group_tests_name("cbor", tests, nullptr, nullptr);
}
