// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Words for errors: one line for each, with its detail where there is one.
#include "hsm4/describe.hpp"

#include <cerrno>
#include <set>

#include "tests/unit/cmocka_all.hpp"

using hsm4::Errc;
using hsm4::Error;

static void every_error_has_words_of_its_own_on_one_line(void** /*state*/) {
    std::set<std::string> lines;
    for (int code = 0; code <= static_cast<int>(Errc::usage); ++code) {
        const std::string line = hsm4::describe(Error{static_cast<Errc>(code), "the test"});
        assert_true(line.starts_with("the test: "));
        assert_true(line.find('\n') == line.npos);
        assert_true(line.find("unknown") == line.npos);
        lines.insert(line);
    }
    assert_int_equal(lines.size(), static_cast<int>(Errc::usage) + 1);
}

static void details_are_shown_where_they_help(void** /*state*/) {
    const auto has = [](const Error& error, const char* text) {
        return hsm4::describe(error).find(text) != std::string::npos;
    };
    assert_true(has({Errc::io, "x", ENOSPC}, "No space left"));
    assert_true(has({Errc::bad_config, "x", 12}, "line 12"));
    assert_true(has({Errc::bad_pin, "x", 3}, "tries left: 3"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_words_of_its_own_on_one_line),
        cmocka_unit_test(details_are_shown_where_they_help),
    };
    return cmocka_run_group_tests_name("describe", tests, nullptr, nullptr);
}
