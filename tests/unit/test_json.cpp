// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Strict JSON: what parses, and what each accessor takes.
#include "hsm4/json.hpp"
#include "tests/unit/cmocka_all.hpp"

namespace json = hsm4::json;
using hsm4::Errc;
using hsm4::Error;

namespace {

const Error wrong{Errc::bad_token, "test"};

/// One value, as it stands inside a document; the document owns it.
struct Value {
    explicit Value(const std::string& text) : document{json::parse('[' + text + ']')} {}
    json_object* get() const {
        return document ? json_object_array_get_idx(document.get(), 0) : nullptr;
    }
    json::Owner document;
};

}  // namespace

static void one_value_must_fill_the_text(void** /*state*/) {
    assert_non_null(json::parse("{}").get());
    assert_non_null(json::parse("{\"a\": [1, \"x\"]}\n ").get());
    for (const char* text : {"", " ", "{", "{}{}", "{} x", "{\"a\":1,}", "[1,]", "{a:1}", "nul",
                             "\"", "/* c */ {}", "{\"a\":01}", "\xff", "\"\xc3\x28\""})
        assert_null(json::parse(text).get());
}

static void depth_is_bounded(void** /*state*/) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    assert_non_null(json::parse(nested(10)).get());
    assert_null(json::parse(nested(40)).get());
    assert_null(json::parse(nested(100000)).get());
}

static void members_of_what_is_no_object_are_null(void** /*state*/) {
    const auto value = json::parse("[1]");
    assert_null(json::member(value.get(), "a"));
    assert_null(json::member(nullptr, "a"));
    assert_null(json::member(json::parse("{\"b\":1}").get(), "a"));
}

static void numbers_are_whole_and_fit(void** /*state*/) {
    assert_int_equal(*json::number(Value("2147483647").get(), wrong), 2147483647);
    for (const char* text : {"-1", "2147483648", "1.0", "1e3", "\"1\"", "true", "null", "[]",
                             "99999999999999999999999"}) {
        auto number = json::number(Value(text).get(), wrong);
        assert_true(!number && number.error().code == Errc::bad_token);
    }
    assert_false(static_cast<bool>(json::number(nullptr, wrong)));
}

static void decimals_are_digits_in_a_string(void** /*state*/) {
    assert_true(*json::decimal(Value("\"18446744073709551615\"").get(), wrong) == UINT64_MAX);
    assert_true(*json::decimal(Value("\"0\"").get(), wrong) == 0);
    for (const char* text : {"\"\"", "\"00\"", "\"01\"", "\"-1\"", "\"+1\"", "\" 1\"", "\"1 \"",
                             "\"0x1\"", "\"18446744073709551616\"", "1", "\"1\\u0000\""})
        assert_false(static_cast<bool>(json::decimal(Value(text).get(), wrong)));
}

static void booleans_and_texts_are_of_their_type(void** /*state*/) {
    assert_true(*json::boolean(Value("true").get(), wrong));
    assert_false(static_cast<bool>(json::boolean(Value("1").get(), wrong)));
    assert_false(static_cast<bool>(json::text(Value("1").get(), wrong)));
    const auto with_zero = Value("\"a\\u0000b\"");
    assert_int_equal(json::text(with_zero.get(), wrong)->size(), 3);
}

static void lists_of_texts_hold_nothing_else(void** /*state*/) {
    const auto list = Value("[\"1\", \"2\"]");
    assert_int_equal(json::texts(list.get(), wrong)->size(), 2);
    for (const char* text : {"[1]", "[\"1\", null]", "{}", "\"1\"", "null"})
        assert_false(static_cast<bool>(json::texts(Value(text).get(), wrong)));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(one_value_must_fill_the_text),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(members_of_what_is_no_object_are_null),
        cmocka_unit_test(numbers_are_whole_and_fit),
        cmocka_unit_test(decimals_are_digits_in_a_string),
        cmocka_unit_test(booleans_and_texts_are_of_their_type),
        cmocka_unit_test(lists_of_texts_hold_nothing_else),
    };
    return cmocka_run_group_tests_name("json", tests, nullptr, nullptr);
}
