// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the command line said. One struct for all verbs: main.cpp fills it, a verb reads its part.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hsm4::ctl {

inline constexpr int exit_done = 0;
inline constexpr int exit_refused = 1;
inline constexpr int exit_usage = 2;

struct Options {
    std::string device;  ///< --hsm4-device, or empty
    bool json = false;

    // bind
    std::uint8_t slot = 0;
    std::string boot_medium;              ///< empty: the one that this machine boots from
    std::vector<std::string> components;  ///< "KIND SOURCE"; empty: what the machine offers
    bool update_initramfs = false;

    // random
    std::size_t bytes = 32;
    bool hex = false;
};

}  // namespace hsm4::ctl
