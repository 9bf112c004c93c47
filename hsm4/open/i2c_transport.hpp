// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Frames over an I2C bus: writes and reads apart, each one message with a STOP; a module that is
// busy does not acknowledge its address, and is polled (hsm4-protocol(7), "Link").
//
//   closed --acquire (open, lock, look)--> held --release--> closed
//
// The module's own state outlives processes, so each exchange starts with S(RESYNCH).
#pragma once

#include <memory>

#include "hsm4/open/i2c_bus.hpp"
#include "hsm4/open/i2c_errors.hpp"
#include "hsm4/open/transport.hpp"

namespace hsm4::open {

/// `no_device` when the bus is not there, or nothing acknowledges the address; `timeout` when the
/// module stays busy, or another process keeps the bus; `bus` after faults; `malformed` when what
/// is there cannot be a module; `io` for what no retry will change.
class I2cTransport final : public Transport {
public:
    I2cTransport(std::unique_ptr<I2cBus> bus, Clock& clock)
        : bus_{std::move(bus)}, clock_{&clock} {}

    Status acquire(const Deadline& deadline) override;
    void release() noexcept override { bus_->close(); }
    Status write(View frame, const Deadline& deadline) override;
    Result<Bytes> read(const Deadline& deadline) override;
    /// Nothing is kept here, and the next write makes the module drop what was not read.
    void reset() noexcept override {}
    bool is_shared_bus() const noexcept override { return true; }

private:
    Status lock(const Deadline& deadline);
    Status look();
    Status fill(std::span<std::byte> out, const Deadline& deadline);
    template <class Transfer>
    Status until_acknowledged(const Transfer& transfer, const Deadline& deadline);

    std::unique_ptr<I2cBus> bus_;
    Clock* clock_;
    bool wrote_ = false;  ///< a block in this exchange
};

}  // namespace hsm4::open
