// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: a module's name that is accepted means the same after it was written and read again.
#include "hsm4/uri.hpp"
#include "tests/fuzz/law.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto uri = hsm4::parse_uri(fuzz::text(data, size));
    if (!uri) return 0;
    auto again = hsm4::parse_uri(hsm4::to_text(*uri));
    fuzz::must(again && again->kind == uri->kind && again->path == uri->path &&
                   again->address == uri->address,
               "parse(write(uri)) == uri");
    return 0;
}
