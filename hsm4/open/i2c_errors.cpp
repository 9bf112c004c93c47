// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Meanings of errno on an I2C bus. No errno means different things on two adapters, so the adapter
// need not be known.
#include "hsm4/open/i2c_errors.hpp"

namespace hsm4::open {

I2cOutcome outcome_of(int answer) noexcept {
    switch (answer) {
        case 1: return I2cOutcome::done;
        case 0:           // short count: i2c-virtio
        case -EREMOTEIO:  // bcm2835, designware; on i2c-tiny-usb trouble of USB, which also passes
        case -ENXIO:      // i2c-tiny-usb, bit-banging
            return I2cOutcome::busy;
        case -EAGAIN: return I2cOutcome::lost;
        case -EINTR:  // the kernel gave the transfer up for a signal: as good as a fault
        case -EIO:
        case -ETIMEDOUT: return I2cOutcome::disturbed;
        case -ENODEV:
        case -ESHUTDOWN: return I2cOutcome::gone;
        default: return I2cOutcome::fatal;
    }
}

Error i2c_error(I2cOutcome outcome, int answer) noexcept {
    constexpr const char* where = "transfer on the I2C bus";
    const int code = answer < 0 ? -answer : 0;
    switch (outcome) {
        case I2cOutcome::done:  // nothing to complain of: the caller asked for too much
        case I2cOutcome::fatal: return Error{Errc::io, where, code};
        case I2cOutcome::busy: return Error{Errc::timeout, "the module's answer", code};
        case I2cOutcome::lost:
        case I2cOutcome::disturbed: return Error{Errc::bus, where, code};
        case I2cOutcome::gone: return Error{Errc::no_device, "the I2C adapter", code};
    }
    return Error{Errc::io, where, code};
}

}  // namespace hsm4::open
