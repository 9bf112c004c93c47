// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A USB device of type i2c-tiny-usb: an I2C adapter that Linux drives with a stock driver. The
// module hangs on its bus.
#pragma once

#include <optional>

#include "tools/emulator/i2c_target.hpp"

namespace hsm4::emulator {

/// The fields of a control transfer's setup packet, as USB 2.0 section 9.3 names them.
struct UsbSetup {
    std::uint8_t request_type = 0;
    std::uint8_t request = 0;
    std::uint16_t value = 0;
    std::uint16_t index = 0;
    std::uint16_t length = 0;
};

class UsbAdapter {
public:
    static constexpr std::uint16_t vendor_id = 0x0403;
    static constexpr std::uint16_t product_id = 0xc631;
    static constexpr std::uint16_t version_bcd = 0x0205;
    static constexpr std::uint8_t vendor_class = 0xff;
    static constexpr std::uint8_t packet_size = 64;
    static constexpr std::uint8_t configuration = 1;

    explicit UsbAdapter(I2cTarget& target) : target_{&target} {}

    /// What a control transfer gives back (empty for one towards the device); nothing for a stall.
    std::optional<Bytes> control(const UsbSetup& setup, View data);

private:
    enum class Status : std::uint8_t {
        idle = 0,
        acknowledged = 1,
        not_acknowledged = 2
    };

    std::optional<Bytes> vendor(const UsbSetup& setup, View data);
    std::optional<Bytes> transfer(const UsbSetup& setup, View data);

    I2cTarget* target_;
    Status status_ = Status::idle;  ///< of the last transfer
};

}  // namespace hsm4::emulator
