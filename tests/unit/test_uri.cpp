// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Module URIs: what is accepted, what is chosen.
#include <cstdlib>

#include "hsm4/uri.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Errc;

static void every_scheme_goes_there_and_back(void** /*state*/) {
    for (const char* text : {"i2c:/dev/i2c-1@0x30", "i2c:/dev/i2c-11@0x67", "unix:/run/hsm4/x.sock",
                             "zymbit:", "zymbit:/opt/libzk_app_utils.so",
                             "zymbit-exec:", "zymbit-exec:/sbin/zkunlockifs"}) {
        auto uri = hsm4::parse_uri(text);
        assert_true(static_cast<bool>(uri));
        assert_string_equal(hsm4::to_text(*uri).c_str(), text);
    }
}

static void an_address_may_be_left_out(void** /*state*/) {
    auto uri = hsm4::parse_uri("i2c:/dev/i2c-1");
    assert_true(uri && uri->address == 0x30);
}

static void anything_else_is_refused(void** /*state*/) {
    for (const char* text : {"", "i2c", "i2c:", "i2c:dev", "i2c:/dev/i2c-1@30",
                             "i2c:/dev/i2c-1@0x38", "i2c:/dev/i2c-1@0x", "i2c:/dev/i2c-1@0x300",
                             "unix:", "unix:run", "http://x", "zymbit:lib.so", "UNIX:/x"}) {
        auto uri = hsm4::parse_uri(text);
        assert_true(!uri && uri.error().code == Errc::usage);
    }
}

static void the_order_of_choice_is_option_environment_configuration_default(void** /*state*/) {
    setenv("HSM4_DEVICE", "unix:/environment", 1);
    assert_string_equal(hsm4::choose_uri("unix:/option", "unix:/file", "open")->path.c_str(),
                        "/option");
    assert_string_equal(hsm4::choose_uri("", "unix:/file", "open")->path.c_str(), "/environment");
    unsetenv("HSM4_DEVICE");
    assert_string_equal(hsm4::choose_uri("", "unix:/file", "open")->path.c_str(), "/file");
    assert_string_equal(hsm4::choose_uri("", "", "open")->path.c_str(), "/dev/i2c-1");
    assert_true(hsm4::choose_uri("", "", "zymbit")->kind == hsm4::Uri::Kind::zymbit);
}

static void a_device_of_another_backend_is_refused(void** /*state*/) {
    auto uri = hsm4::choose_uri("zymbit:", "", "open");
    assert_true(!uri && uri.error().code == Errc::refused);
    assert_true(static_cast<bool>(hsm4::choose_uri("zymbit:", "", "")));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_scheme_goes_there_and_back),
        cmocka_unit_test(an_address_may_be_left_out),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(the_order_of_choice_is_option_environment_configuration_default),
        cmocka_unit_test(a_device_of_another_backend_is_refused),
    };
    return cmocka_run_group_tests_name("uri", tests, nullptr, nullptr);
}
