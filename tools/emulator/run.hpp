// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4-emulator run.
#pragma once

#include <string>

namespace hsm4::emulator {

struct RunOptions {
    std::string state;  ///< directory
    std::string unix_path;
    std::string control;  ///< empty: none
};

/// The exit status.
int run(const RunOptions& options);

}  // namespace hsm4::emulator
