// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the kernel's answer to a transfer means. Each I2C driver reports the same event in its own
// way.
#pragma once

#include <array>
#include <cerrno>

#include "hsm4/result.hpp"

namespace hsm4::open {

/// What became of a transfer of one message.
enum class I2cOutcome {
    done,
    busy,       ///< nobody acknowledged: poll again until the block's waiting time is over
    lost,       ///< another master won the bus: transfer again
    disturbed,  ///< bus or controller trouble: S(RESYNCH), in a new exchange
    gone,       ///< the adapter itself is no longer there
    fatal,      ///< asking again would not change it
};

/// `answer` of I2C_RDWR with one message: messages transferred, or a negative errno.
I2cOutcome outcome_of(int answer) noexcept;

/// How an adapter says that nobody acknowledged, and what else a host must know of it.
struct I2cAdapter {
    const char* driver;
    int no_acknowledge;  ///< answer of the ioctl: a negative errno, or 0 messages transferred
    bool zero_length;    ///< can probe without a byte (SMBus Quick)
    bool stretching;     ///< waits, without fault, for a target that holds the clock
    bool combined;       ///< can read after a repeated start at any place in an ioctl
};

/// The adapters that this transport is written for. It uses what all of them can do: one message
/// per ioctl, of at least one byte, to a module that never holds the clock.
inline constexpr std::array i2c_adapters{
    I2cAdapter{"i2c-bcm2835", -EREMOTEIO, true, false, false},             // Raspberry Pi 0 to 4
    I2cAdapter{"i2c_designware_platform", -EREMOTEIO, false, true, true},  // Raspberry Pi 5 (RP1)
    I2cAdapter{"i2c-virtio", 0, false, true, true},                        // virtual machines
    I2cAdapter{"i2c-tiny-usb", -ENXIO, true, true, true},                  // on USB; hsm4-emulator
    I2cAdapter{"i2c-gpio", -ENXIO, true, true, true},                      // bit-banging
};

/// The error of a transfer that ended in `outcome`, with `answer` as its detail.
Error i2c_error(I2cOutcome outcome, int answer) noexcept;

}  // namespace hsm4::open
