// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Wiping and comparing secrets, by OpenSSL's own primitives.
#include "hsm4/secret.hpp"

#include <openssl/crypto.h>

namespace hsm4 {

void wipe(std::span<std::byte> bytes) noexcept {
    if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

bool equal_secret(View left, View right) noexcept {
    if (left.size() != right.size()) return false;
    return left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
        wipe(bytes_);
        bytes_ = std::move(other.bytes_);
        other.bytes_.clear();
    }
    return *this;
}

void SecretBytes::shorten(std::size_t size) noexcept {
    if (size >= bytes_.size()) return;
    wipe(std::span{bytes_}.subspan(size));
    bytes_.erase(bytes_.begin() + static_cast<std::ptrdiff_t>(size), bytes_.end());
}

}  // namespace hsm4
