// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// luksDump calls dump without validate: it must survive anything, and print nothing unprintable.
#include <algorithm>

#include "hsm4/token.hpp"
#include "plugin/dump.hpp"
#include "tests/unit/cmocka_all.hpp"

static void a_token_is_shown_in_lines(void** /*state*/) {
    hsm4::Token token;
    token.keyslot = 1;
    token.backend = "zymbit";
    token.module_id = "SERIAL-1";
    token.locked_key = hsm4::Bytes(5);
    const std::string text = hsm4::plugin::dump_text(*hsm4::token_json(token));
    assert_true(text.find("\tModule:     SERIAL-1\n") != text.npos);
    assert_true(text.find("5 bytes, sealed-v1\n") != text.npos);
    assert_true(text.ends_with('\n'));
}

static void hostile_json_gives_one_clean_line(void** /*state*/) {
    for (const char* json : {"", "{", "[[[[", "{\"type\":\"hsm4\"}",
                             "{\"type\":\"hsm4\",\"keyslots\":[],\"hsm4-version\":1,"
                             "\"hsm4-backend\":\"zymbit\",\"hsm4-module-id\":\"\\u001b[2J\"}"}) {
        const std::string text = hsm4::plugin::dump_text(json);
        assert_true(text.starts_with("\thsm4: ") && text.ends_with('\n'));
        assert_int_equal(std::ranges::count(text, '\n'), 1);
        assert_true(text.find('\x1b') == text.npos);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_shown_in_lines),
        cmocka_unit_test(hostile_json_gives_one_clean_line),
    };
    return cmocka_run_group_tests_name("dump", tests, nullptr, nullptr);
}
