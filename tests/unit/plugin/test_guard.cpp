// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Only 0, -ENOENT, -EAGAIN and -ENOANO leave the plugin, whatever happens inside.
#include <cerrno>
#include <new>

#include "plugin/guard.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Errc;

static void every_error_becomes_one_of_three(void** /*state*/) {
    for (int code = 0; code <= static_cast<int>(Errc::usage); ++code) {
        const int value = hsm4::plugin::token_errno(static_cast<Errc>(code));
        assert_true(value == -ENOENT || value == -EAGAIN || value == -ENOANO);
    }
    assert_int_equal(hsm4::plugin::token_errno(Errc::no_device), -EAGAIN);
    assert_int_equal(hsm4::plugin::token_errno(Errc::no_software), -EAGAIN);
    assert_int_equal(hsm4::plugin::token_errno(Errc::occupied), -EAGAIN);
    assert_int_equal(hsm4::plugin::token_errno(Errc::identity), -EAGAIN);
    assert_int_equal(hsm4::plugin::token_errno(Errc::refused), -ENOENT);
    assert_int_equal(hsm4::plugin::token_errno(Errc::bad_pin), -ENOANO);
    assert_int_equal(hsm4::plugin::token_errno(Errc::pin_locked), -ENOENT);
}

static void nothing_is_thrown_across(void** /*state*/) {
    assert_int_equal(hsm4::plugin::at_c_boundary([]() -> hsm4::Status { throw std::bad_alloc{}; }),
                     -EAGAIN);
    assert_int_equal(hsm4::plugin::at_c_boundary([]() -> hsm4::Status {
                         hsm4::Result<int> wrong = hsm4::Error{Errc::io, "x"};
                         return *wrong == 0 ? hsm4::ok() : hsm4::ok();
                     }),
                     -EAGAIN);
    assert_int_equal(hsm4::plugin::at_c_boundary([] { return hsm4::ok(); }), 0);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_error_becomes_one_of_three),
        cmocka_unit_test(nothing_is_thrown_across),
    };
    return cmocka_run_group_tests_name("guard", tests, nullptr, nullptr);
}
