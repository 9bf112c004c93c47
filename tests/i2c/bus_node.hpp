// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// /dev/i2c-7 by umockdev: what real programs, preloaded with it, open and do ioctls on.
#pragma once

#include <cstdio>
#include <string>

#include "tests/i2c/i2c_device.hpp"

namespace hsm4::bench {

/// How the bus behaves, besides what hangs on it.
struct BusTraits {
    std::uint8_t address = 0x30;
    int no_acknowledge = 0;  ///< the adapter's answer where nobody is
    unsigned long functionality = 0;
    bool claimed = false;        ///< a driver of the kernel owns the address
    std::FILE* trace = nullptr;  ///< a line for each transfer that was acknowledged
};

/// Makes the node, and serves it in a thread of umockdev's until the process ends. Gives the
/// directory that UMOCKDEV_DIR must name, or an empty string. `device` and `traits` live as long.
std::string serve_bus(I2cDevice& device, const BusTraits& traits);

}  // namespace hsm4::bench
