// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The words of --wipe-slot.
#include "tests/unit/cmocka_all.hpp"
#include "tools/enroll/wipe.hpp"

namespace {

using namespace hsm4::enroll;

void words_and_numbers(void** /*state*/) {
    assert_true(static_cast<bool>(check_wipe_words({})));
    for (const char* word : {"all", "empty", "password", "recovery", "hsm4", "pkcs11", "fido2",
                             "tpm2", "0", "7", "31"})
        assert_true(static_cast<bool>(check_wipe_words({word})));
}

void anything_else_is_wrong_usage(void** /*state*/) {
    for (const char* word : {"", "ALL", "32", "-1", "+1", "1x", " 1", "99999999999", "hsm4 "}) {
        const Done checked = check_wipe_words({"all", word});
        assert_false(static_cast<bool>(checked));
        assert_int_equal(checked.error().exit_code, exit_usage);
    }
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(words_and_numbers),
        cmocka_unit_test(anything_else_is_wrong_usage),
    };
    return cmocka_run_group_tests_name("wipe words", tests, nullptr, nullptr);
}
