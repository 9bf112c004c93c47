// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The six functions, called as libcryptsetup calls them: what its contract says of buffers and of
// wrong input (linked with --wrap=OPENSSL_cleanse).
#include <libcryptsetup.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/wiped.hpp"

extern "C" {
int cryptsetup_token_open(struct crypt_device* cd, int token, char** buffer, size_t* buffer_len,
                          void* usrptr);
void cryptsetup_token_buffer_free(void* buffer, size_t buffer_len);
int cryptsetup_token_validate(struct crypt_device* cd, const char* json);
const char* cryptsetup_token_version();
}

static void a_passphrase_is_wiped_before_it_is_freed(void** /*state*/) {
    const std::string passphrase = "what opens the key slot, and is nobody's business";
    auto* buffer = static_cast<char*>(std::malloc(passphrase.size()));
    assert_non_null(buffer);
    std::memcpy(buffer, passphrase.data(), passphrase.size());
    wiped().forget();
    cryptsetup_token_buffer_free(buffer, passphrase.size());
    assert_int_equal(wiped().count(hsm4::view_of(passphrase)), 1);
    cryptsetup_token_buffer_free(nullptr, 0);
}

static void outputs_stay_as_they_were_without_a_token(void** /*state*/) {
    char untouched = 'x';
    char* buffer = &untouched;
    std::size_t length = 4711;
    struct crypt_device* device = nullptr;
    assert_int_equal(crypt_init(&device, "/proc/self/exe"), 0);
    assert_int_equal(cryptsetup_token_open(device, 0, &buffer, &length, nullptr), -ENOENT);
    crypt_free(device);
    assert_ptr_equal(buffer, &untouched);
    assert_int_equal(length, 4711);
}

static void what_is_no_token_is_not_valid(void** /*state*/) {
    for (const char* json :
         {"", "{", "[]", "{\"type\":\"hsm4\"}", "{\"type\":\"other\",\"keyslots\":[]}"})
        assert_true(cryptsetup_token_validate(nullptr, json) < 0);
}

static void the_version_is_the_projects(void** /*state*/) {
    assert_string_equal(cryptsetup_token_version(), HSM4_VERSION);
}

int main() {
    crypt_set_log_callback(
        nullptr, [](int, const char*, void*) {}, nullptr);
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_passphrase_is_wiped_before_it_is_freed),
        cmocka_unit_test(outputs_stay_as_they_were_without_a_token),
        cmocka_unit_test(what_is_no_token_is_not_valid),
        cmocka_unit_test(the_version_is_the_projects),
    };
    return cmocka_run_group_tests_name("plugin token", tests, nullptr, nullptr);
}
