// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the command line asks for.
#pragma once

#include <string>
#include <vector>

namespace hsm4::enroll {

struct Options {
    std::vector<std::string> devices;
    std::string header;             ///< detached header, or empty
    std::string module_uri;         ///< --hsm4-device, or empty
    std::string import_locked_key;  ///< a vendor's locked key, or empty
    std::string unlock_key_file;    ///< "-" is standard input; empty: ask
    bool list = false;
    bool test = false;
};

}  // namespace hsm4::enroll
