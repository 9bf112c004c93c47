// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Secrets are wiped when they end: each call of OPENSSL_cleanse is recorded (linked with
// --wrap=OPENSSL_cleanse), so nothing reads dead storage.
#include "hsm4/secret.hpp"

#include <string>
#include <utility>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/wiped.hpp"

using hsm4::Secret;
using hsm4::SecretBytes;
using hsm4::View;

namespace {

Secret<4> four() {
    Secret<4> secret;
    std::ranges::copy(hsm4::view_of("four"), secret.writable().begin());
    return secret;
}
SecretBytes text(const char* content) { return SecretBytes{hsm4::view_of(content)}; }

/// How often exactly this content was wiped since the last call.
std::size_t times(std::string_view content) {
    const std::size_t count = wiped().count(hsm4::view_of(content));
    wiped().forget();
    return count;
}

}  // namespace

static void a_secret_is_wiped_at_its_end(void** /*state*/) {
    wiped().forget();
    {
        const Secret<4> secret = four();
        wiped().forget();
        assert_memory_equal(secret.view().data(), "four", 4);
    }
    assert_int_equal(times("four"), 1);
}

static void moving_one_wipes_where_it_was(void** /*state*/) {
    Secret<4> first = four();
    wiped().forget();
    Secret<4> second{std::move(first)};
    assert_int_equal(times("four"), 1);
    Secret<4> third;
    third = std::move(second);
    assert_int_equal(times("four"), 1);
    assert_memory_equal(third.view().data(), "four", 4);
}

static void a_clone_is_another_secret(void** /*state*/) {
    const Secret<4> first = four();
    wiped().forget();
    {
        const Secret<4> second = first.clone();
        assert_memory_equal(second.view().data(), first.view().data(), 4);
    }
    assert_int_equal(times("four"), 1);
}

static void bytes_are_wiped_at_their_end_and_where_they_were(void** /*state*/) {
    wiped().forget();
    {
        SecretBytes first = text("a passphrase");
        const SecretBytes second{std::move(first)};  // the memory itself moves along
        assert_int_equal(times("a passphrase"), 0);
        assert_int_equal(second.size(), 12);
        assert_true(first.empty());  // NOLINT(bugprone-use-after-move): that is the test
    }
    assert_int_equal(times("a passphrase"), 1);
}

static void bytes_are_wiped_before_others_take_their_place(void** /*state*/) {
    SecretBytes bytes = text("the old one");
    wiped().forget();
    bytes = text("the new one");
    assert_int_equal(times("the old one"), 1);
    assert_memory_equal(bytes.view().data(), "the new one", 11);
}

static void what_is_cut_off_is_wiped(void** /*state*/) {
    SecretBytes bytes = text("kept and cut");
    wiped().forget();
    bytes.shorten(4);
    assert_int_equal(times(" and cut"), 1);
    assert_int_equal(bytes.size(), 4);
    bytes.shorten(5);  // no growth
    assert_int_equal(bytes.size(), 4);
}

static void comparing_looks_at_length_and_at_every_byte(void** /*state*/) {
    const View left = hsm4::view_of("0123456789");
    assert_true(hsm4::equal_secret(left, hsm4::view_of("0123456789")));
    assert_false(hsm4::equal_secret(left, hsm4::view_of("012345678")));
    assert_false(hsm4::equal_secret(left, {}));
    assert_true(hsm4::equal_secret({}, {}));
    for (std::size_t at = 0; at < left.size(); ++at) {
        hsm4::Bytes other{left.begin(), left.end()};
        other[at] ^= std::byte{0x80};
        assert_false(hsm4::equal_secret(left, other));
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_wiped_at_its_end),
        cmocka_unit_test(moving_one_wipes_where_it_was),
        cmocka_unit_test(a_clone_is_another_secret),
        cmocka_unit_test(bytes_are_wiped_at_their_end_and_where_they_were),
        cmocka_unit_test(bytes_are_wiped_before_others_take_their_place),
        cmocka_unit_test(what_is_cut_off_is_wiped),
        cmocka_unit_test(comparing_looks_at_length_and_at_every_byte),
    };
    return cmocka_run_group_tests_name("secret", tests, nullptr, nullptr);
}
