// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A foreign token plugin, type "zzz": it always answers, with the passphrase in
// HSM4_TEST_FOREIGN_KEY. It stands for a TPM2 or FIDO2 token beside ours, which our failures must
// never hide.
#include <libcryptsetup.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

extern "C" {

__attribute__((visibility("default"))) int cryptsetup_token_open(struct crypt_device* /*cd*/,
                                                                 int /*token*/, char** buffer,
                                                                 size_t* length, void* /*user*/) {
    const char* key = std::getenv("HSM4_TEST_FOREIGN_KEY");
    if (key == nullptr) return -ENOENT;
    *buffer = strdup(key);
    *length = std::strlen(key);
    return *buffer != nullptr ? 0 : -ENOMEM;
}

__attribute__((visibility("default"))) const char* cryptsetup_token_version() { return "1"; }

}  // extern "C"
