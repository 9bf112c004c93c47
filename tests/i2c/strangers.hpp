// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What else may sit at the module's address.
#pragma once

#include <array>
#include <optional>

#include "hsm4/device/link.hpp"
#include "tests/i2c/i2c_device.hpp"
#include "tests/i2c/target.hpp"

namespace hsm4::bench {

/// A memory chip of 256 bytes: a write is an address and data, a read goes on from there.
class Eeprom final : public I2cDevice {
public:
    explicit Eeprom(bool blank);
    int write(View bytes) override;
    int read(std::span<std::byte> bytes) override;

private:
    std::array<std::byte, 256> memory_{};
    std::uint8_t at_ = 0;
};

/// A module of the next version of the protocol: the same link, and nothing else that we know.
class NextVersion final : public BlockModule {
public:
    void receive(View frame) override;
    std::optional<Bytes> answer() override { return std::exchange(answer_, {}); }
    void power_cycle() override { link_.reset(); }

private:
    device::Link link_;
    Bytes answer_;
};

}  // namespace hsm4::bench
