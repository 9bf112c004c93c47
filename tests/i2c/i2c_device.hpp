// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Anything on an I2C bus that answers to an address.
#pragma once

#include "hsm4/bytes.hpp"

namespace hsm4::bench {

/// Answers are the kernel's to an ioctl with one message: 1, 0, or a negative errno.
class I2cDevice {
public:
    virtual ~I2cDevice() = default;
    virtual int write(View bytes) = 0;
    virtual int read(std::span<std::byte> bytes) = 0;
};

}  // namespace hsm4::bench
