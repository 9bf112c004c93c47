// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What OPENSSL_cleanse has wiped, for programs that are linked with --wrap=OPENSSL_cleanse.
#pragma once

#include <algorithm>
#include <vector>

#include "hsm4/bytes.hpp"

/// The contents, as they were just before. Included once per program.
class Wiped {
public:
    void record(hsm4::View content) { contents_.emplace_back(content.begin(), content.end()); }
    void forget() { contents_.clear(); }
    /// Wiped exactly so.
    std::size_t count(hsm4::View content) const {
        return static_cast<std::size_t>(std::ranges::count_if(
            contents_, [&](const hsm4::Bytes& one) { return std::ranges::equal(one, content); }));
    }
    /// Wiped, by itself or as a part of something.
    bool contains(hsm4::View content) const {
        return std::ranges::any_of(contents_, [&](const hsm4::Bytes& one) {
            return std::search(one.begin(), one.end(), content.begin(), content.end()) != one.end();
        });
    }

private:
    std::vector<hsm4::Bytes> contents_;
};

inline Wiped& wiped() {
    static Wiped all;
    return all;
}

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
void __real_OPENSSL_cleanse(void* bytes, std::size_t size);
void __wrap_OPENSSL_cleanse(void* bytes, std::size_t size);
void __wrap_OPENSSL_cleanse(void* bytes, std::size_t size) {
    wiped().record({static_cast<const std::byte*>(bytes), size});
    __real_OPENSSL_cleanse(bytes, size);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
}
