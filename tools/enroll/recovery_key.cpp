// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Modhex.
#include "tools/enroll/recovery_key.hpp"

#include <sys/random.h>

#include <cerrno>
#include <string_view>

namespace hsm4::enroll {

namespace {

constexpr std::string_view alphabet = "cbdefghijklnrtuv";
constexpr std::size_t group = 8;

}  // namespace

SecretBytes recovery_key_text(std::span<const std::byte, recovery_key_bytes> bits) {
    SecretBytes text{recovery_key_size};
    std::size_t letters = 0;
    std::size_t at = 0;
    const auto put = [&](std::byte half) {
        if (letters > 0 && letters % group == 0) text.writable()[at++] = std::byte{'-'};
        const char letter = alphabet[std::to_integer<std::size_t>(half)];
        text.writable()[at++] = static_cast<std::byte>(letter);
        ++letters;
    };
    for (const std::byte byte : bits) {
        put(byte >> 4);
        put(byte & std::byte{0x0f});
    }
    return text;
}

Result<SecretBytes> draw_recovery_key() {
    Secret<recovery_key_bytes> bits;
    const auto room = bits.writable();
    if (::getrandom(room.data(), room.size(), 0) != static_cast<ssize_t>(room.size()))
        return Error{Errc::io, "random bytes of the kernel", errno};
    return recovery_key_text(bits.view());
}

}  // namespace hsm4::enroll
