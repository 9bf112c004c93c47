// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module as a device on an I2C bus (hsm4-protocol(7), LINK).
//
//   idle --write--> busy --time--> answering --all bytes read--> idle
//
// While busy the address is not acknowledged. A block is one write; an answer is read in as many
// transfers as the host likes, the next going on where the last one ended. A write drops what was
// not read. A read when there is nothing to say is acknowledged and gives ones, as an idle bus
// does.
#pragma once

#include <optional>

#include "tools/emulator/shared_module.hpp"

namespace hsm4::emulator {

class I2cTarget {
public:
    /// `module` and `clock` outlive the target. `address` has 7 bits.
    I2cTarget(SharedModule& module, Clock& clock, std::uint8_t address)
        : module_{&module}, clock_{&clock}, address_{address}, busy_until_{clock.now()} {}

    /// One write transfer. False when nothing acknowledges `address`.
    bool write(std::uint8_t address, View bytes);
    /// One read transfer of `size` bytes; nothing when nothing acknowledges `address`.
    std::optional<Bytes> read(std::uint8_t address, std::size_t size);
    /// Power off: what was to be read is gone.
    void power_cycle() noexcept { answer_.clear(); }

private:
    bool acknowledges(std::uint8_t address);

    SharedModule* module_;
    Clock* clock_;
    std::uint8_t address_;
    Bytes answer_;  ///< what of it was not read yet
    Clock::Time busy_until_;
};

}  // namespace hsm4::emulator
