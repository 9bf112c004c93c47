// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Preloaded into a program, lets libcryptsetup look for token plugins in HSM4_TEST_TOKEN_PATH.
// Releases before 2.7 have no option for it, but call this function of their own through the
// linker.
#include <cstdlib>

extern "C" __attribute__((visibility("default"))) const char* crypt_token_external_path() {
    const char* path = std::getenv("HSM4_TEST_TOKEN_PATH");
    return path != nullptr ? path : "/nonexistent";
}
