// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Bytes that must not outlive their use: keys, PINs, unsealed passphrases.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "hsm4/bytes.hpp"

namespace hsm4 {

/// Overwrites `bytes` in a way that the compiler cannot leave out (OPENSSL_cleanse).
void wipe(std::span<std::byte> bytes) noexcept;

/// Compares in time that does not depend on the content. Different lengths are unequal.
bool equal_secret(View left, View right) noexcept;

/// `N` secret bytes: not copyable, wiped when moved from and when destroyed.
template <std::size_t N>
class Secret {
public:
    Secret() = default;
    explicit Secret(std::span<const std::byte, N> bytes) noexcept {
        std::copy(bytes.begin(), bytes.end(), bytes_.begin());
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_{other.bytes_} { wipe(other.bytes_); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            wipe(other.bytes_);
        }
        return *this;
    }
    ~Secret() { wipe(bytes_); }

    std::span<std::byte, N> writable() noexcept { return bytes_; }
    std::span<const std::byte, N> view() const noexcept { return bytes_; }
    /// A deliberate second copy.
    Secret clone() const noexcept { return Secret{view()}; }

private:
    std::array<std::byte, N> bytes_{};
};

/// Secret bytes of a length known at run time. The memory is never reallocated, so no copy stays
/// behind; wiped over its whole capacity when shortened, moved from or destroyed.
class SecretBytes {
public:
    SecretBytes() = default;
    explicit SecretBytes(std::size_t size) : bytes_(size) {}
    explicit SecretBytes(View bytes) : bytes_(bytes.begin(), bytes.end()) {}
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    SecretBytes(SecretBytes&& other) noexcept : bytes_{std::move(other.bytes_)} {
        other.bytes_.clear();
    }
    SecretBytes& operator=(SecretBytes&& other) noexcept;
    ~SecretBytes() { wipe(bytes_); }

    std::span<std::byte> writable() noexcept { return bytes_; }
    View view() const noexcept { return bytes_; }
    std::size_t size() const noexcept { return bytes_.size(); }
    bool empty() const noexcept { return bytes_.empty(); }
    /// Keeps the first `size` bytes (size <= size()), wipes the rest.
    void shorten(std::size_t size) noexcept;
    SecretBytes clone() const { return SecretBytes{view()}; }

private:
    std::vector<std::byte> bytes_;
};

}  // namespace hsm4
