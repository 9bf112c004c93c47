// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The status byte: what each refusal becomes.
#include "hsm4/open/answer.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;

namespace {

Errc error_of(const char* answer) {
    const hsm4::SecretBytes bytes{*hsm4::from_hex(answer)};
    auto fields = hsm4::open::answer_fields(bytes);
    return fields ? Errc::usage : fields.error().code;
}

}  // namespace

static void ok_gives_the_fields(void** /*state*/) {
    const hsm4::SecretBytes bytes{*hsm4::from_hex("00a1a2")};
    assert_string_equal(hsm4::to_hex(*hsm4::open::answer_fields(bytes)).c_str(), "a1a2");
    const hsm4::SecretBytes bare{*hsm4::from_hex("00")};
    assert_true(hsm4::open::answer_fields(bare)->empty());
}

static void each_refusal_has_its_error(void** /*state*/) {
    assert_true(error_of("01") == Errc::refused);
    assert_true(error_of("03") == Errc::pin_locked);
    assert_true(error_of("04") == Errc::malformed);
    assert_true(error_of("05") == Errc::wrong_state);
    assert_true(error_of("06") == Errc::malformed);
    assert_true(error_of("07") == Errc::io);
    assert_true(error_of("08") == Errc::io);
}

static void a_bad_pin_says_how_many_tries_are_left(void** /*state*/) {
    const hsm4::SecretBytes bytes{*hsm4::from_hex("0204")};
    auto fields = hsm4::open::answer_fields(bytes);
    assert_true(!fields && fields.error().code == Errc::bad_pin && fields.error().detail == 4);
}

static void anything_else_is_malformed(void** /*state*/) {
    for (const char* answer : {"", "09", "ff", "0100", "0500", "0200ff", "02"})
        assert_true(error_of(answer) == Errc::malformed);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ok_gives_the_fields),
        cmocka_unit_test(each_refusal_has_its_error),
        cmocka_unit_test(a_bad_pin_says_how_many_tries_are_left),
        cmocka_unit_test(anything_else_is_malformed),
    };
    return cmocka_run_group_tests_name("answer", tests, nullptr, nullptr);
}
