// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Cursor over big-endian fields. The first short read latches; later reads give zeros.
#pragma once

#include <concepts>
#include <cstdint>

#include "hsm4/bytes.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::wire {

class Reader {
public:
    explicit Reader(View data) noexcept : rest_{data} {}

    template <std::unsigned_integral T>
    T get() noexcept {
        T value = 0;
        for (const std::byte byte : take(sizeof(T)))
            value = static_cast<T>(static_cast<std::uint64_t>(value) << 8 |
                                   std::to_integer<std::uint64_t>(byte));
        return value;
    }
    /// The next `size` bytes, borrowed; empty when fewer are left.
    View take(std::size_t size) noexcept;
    template <std::size_t N>
    Array<N> array() noexcept {
        Array<N> out{};
        const View bytes = take(N);
        std::copy(bytes.begin(), bytes.end(), out.begin());
        return out;
    }
    /// All that is left (possibly nothing).
    View rest() noexcept;

    bool short_read() const noexcept { return short_; }
    /// Everything was there, and nothing is left over.
    bool done() const noexcept { return !short_ && rest_.empty(); }

private:
    View rest_;
    bool short_ = false;
};

/// Builds a message of big-endian fields in memory that is never reallocated, and wiped with its
/// owner: a message may carry a key or a PIN.
class Writer {
public:
    /// `capacity` bytes at most.
    explicit Writer(std::size_t capacity) : out_{capacity} {}
    template <std::unsigned_integral T>
    Writer& put(T value) noexcept {
        Array<sizeof(T)> bytes{};
        for (std::size_t at = 0; at < sizeof(T); ++at)
            bytes[sizeof(T) - 1 - at] =
                static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * at));
        return put(View{bytes});
    }
    Writer& put(View bytes) noexcept;
    /// What was written, borrowed.
    View view() const noexcept { return out_.view().first(used_); }
    /// The message; `malformed` when the capacity did not suffice. The writer is empty afterwards.
    Result<SecretBytes> take() noexcept;

private:
    SecretBytes out_;
    std::size_t used_ = 0;
    bool overflow_ = false;
};

}  // namespace hsm4::wire
