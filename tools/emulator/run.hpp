// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4-emulator run.
#pragma once

#include <cstdint>
#include <string>

namespace hsm4::emulator {

struct RunOptions {
    std::string state;            ///< directory
    std::string unix_path;        ///< empty: none
    std::string usbredir;         ///< empty: none
    std::uint8_t address = 0x30;  ///< on the I2C bus behind the USB adapter
    std::string control;          ///< empty: none
};

/// The exit status.
int run(const RunOptions& options);

}  // namespace hsm4::emulator
