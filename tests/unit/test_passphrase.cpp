// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From key and PIN to the passphrase.
#include "hsm4/passphrase.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::SecretBytes;
using hsm4::view_of;

namespace {

SecretBytes key_of(std::size_t size) {
    SecretBytes key{size};
    std::ranges::fill(key.writable(), std::byte{0x5a});
    return key;
}

}  // namespace

static void without_pin_it_is_the_key(void** /*state*/) {
    const auto key = key_of(64);
    assert_true(hsm4::equal_secret(hsm4::passphrase(key, {})->view(), key.view()));
}

// Made by the second implementation: HKDF(salt = "1234", key = 64 bytes 0x5a, "hsm4 passphrase
// v1").
static void with_pin_it_is_derived_from_both(void** /*state*/) {
    auto mixed = hsm4::passphrase(key_of(64), view_of("1234"));
    assert_string_equal(hsm4::to_hex(mixed->view()).c_str(),
                        "f3b68696756f63a351727a39b75ad22201f0c8ec878047e09b2cb543e17f3571"
                        "622e84d4ec2aea42240afecc05344c7695ee46dc21c03fdb95beeea477a6c281");
}

static void every_pin_gives_another_one(void** /*state*/) {
    auto one = hsm4::passphrase(key_of(64), view_of("1234"));
    auto other = hsm4::passphrase(key_of(64), view_of("12345"));
    assert_false(hsm4::equal_secret(one->view(), other->view()));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(without_pin_it_is_the_key),
        cmocka_unit_test(with_pin_it_is_derived_from_both),
        cmocka_unit_test(every_pin_gives_another_one),
    };
    return cmocka_run_group_tests_name("passphrase", tests, nullptr, nullptr);
}
