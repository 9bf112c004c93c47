// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One address on one I2C bus of the kernel: the seam between the transport's rules and ioctl.
//
//   closed --open--> open --try_lock--> held --close--> closed
#pragma once

#include <cstdint>
#include <string>

#include "hsm4/bytes.hpp"
#include "hsm4/files.hpp"

namespace hsm4::open {

/// Not thread-safe. Transfers are for a bus that is open.
class I2cBus {
public:
    virtual ~I2cBus() = default;
    /// `no_device` when there is no such bus; `io` when it may not be used, or cannot do what is
    /// needed.
    virtual Status open() = 0;
    /// Takes the bus for this process, until close(). False while another process has it.
    virtual Result<bool> try_lock() = 0;
    virtual void close() noexcept = 0;

    /// Reads one byte, as a presence probe: the byte, or a negative errno.
    virtual int probe() noexcept = 0;
    /// One message from START to STOP, of at least one byte. Messages transferred (1 or 0), or a
    /// negative errno.
    virtual int write(View bytes) noexcept = 0;
    virtual int read(std::span<std::byte> bytes) noexcept = 0;
};

/// A bus of Linux, `/dev/i2c-N`.
class LinuxI2cBus final : public I2cBus {
public:
    /// `address` has 7 bits.
    LinuxI2cBus(std::string path, std::uint8_t address)
        : path_{std::move(path)}, address_{address} {}

    Status open() override;
    Result<bool> try_lock() override;
    void close() noexcept override { node_.close(); }
    int probe() noexcept override;
    int write(View bytes) noexcept override;
    int read(std::span<std::byte> bytes) noexcept override;

private:
    int transfer(std::uint16_t flags, std::byte* bytes, std::size_t size) noexcept;

    std::string path_;
    std::uint8_t address_;
    bool can_receive_byte_ = false;  ///< SMBus Receive Byte
    Descriptor node_;
};

}  // namespace hsm4::open
