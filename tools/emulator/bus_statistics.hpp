// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What went over the bus, and how long it would have taken at 100 kHz.
#pragma once

#include <cstdint>
#include <string>

#include "hsm4/device/device.hpp"

namespace hsm4::emulator {

/// Data bytes of acknowledged transfers, without address bytes. On the unix socket a block of the
/// host counts as one write, and a block of the module as two reads: its first six bytes, and the
/// rest.
class BusStatistics {
public:
    void count_write(std::size_t bytes) noexcept;
    void count_read(std::size_t bytes) noexcept;
    /// A block of the module on the unix socket.
    void count_block_read(std::size_t bytes) noexcept;
    /// An address byte that was not acknowledged.
    void count_poll() noexcept;

    /// One JSON object on one line.
    std::string to_json(const device::Device& device) const;

private:
    void count_transfer(std::size_t bytes) noexcept;

    std::uint64_t transfers_ = 0;
    std::uint64_t bytes_written_ = 0;
    std::uint64_t bytes_read_ = 0;
    std::uint64_t polls_ = 0;
    std::uint64_t clocked_bytes_ = 0;  ///< address bytes and polls included
};

}  // namespace hsm4::emulator
