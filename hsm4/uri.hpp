// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Module URIs: i2c:/dev/i2c-1@0x30, unix:/run/hsm4/emulator.sock, zymbit:[PATH],
// zymbit-exec:[PATH].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "hsm4/result.hpp"

namespace hsm4 {

struct Uri {
    enum class Kind {
        i2c,
        unix_socket,
        zymbit,
        zymbit_exec
    } kind = Kind::i2c;
    std::string path;             ///< absolute, or empty for the vendor's default
    std::uint8_t address = 0x30;  ///< 7-bit, i2c only: 0x30-0x37, 0x60-0x67

    /// "open" or "zymbit".
    const char* backend() const noexcept;
};

/// `usage` for anything else.
Result<Uri> parse_uri(std::string_view text);
std::string to_text(const Uri& uri);

/// Order of choice: `option` (may be empty), HSM4_DEVICE by secure_getenv, `configured` (may be
/// empty), then the default of `backend`. `usage` when unparsable; `refused` when its kind is not
/// `backend`'s (an empty `backend` accepts every kind, and its default is that of "open").
Result<Uri> choose_uri(std::string_view option, std::string_view configured,
                       std::string_view backend);

}  // namespace hsm4
