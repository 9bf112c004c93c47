// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module as all ways into it share it: one exchange at a time, whoever completes a block first.
#pragma once

#include <chrono>
#include <optional>

#include "hsm4/clock.hpp"
#include "hsm4/device/device.hpp"
#include "tools/emulator/bus_statistics.hpp"
#include "tools/emulator/faults.hpp"

namespace hsm4::emulator {

class SharedModule {
public:
    /// Whoever talks to the module, named by the address of something that is its own.
    using Party = const void*;

    SharedModule(device::Device& device, Clock& clock) : device_{&device}, clock_{&clock} {}

    device::Device& device() noexcept { return *device_; }
    BusStatistics& statistics() noexcept { return statistics_; }
    Faults& faults() noexcept { return faults_; }

    /// False while the exchange of somebody else is under way.
    bool is_free_for(Party party) const noexcept { return owner_ == nullptr || owner_ == party; }
    /// One block of `party`, for whom the module must be free; its exchange begins, or goes on.
    std::optional<Bytes> receive(Party party, View block);
    /// `party` has gone: its exchange, if it had one, is over.
    void leave(Party party);
    /// Power off and on. Whoever was talking starts again.
    Status power_cycle();
    /// What only time brings about; logs what changes the LED.
    void tick();

    /// Ends the exchange that has been silent for a second.
    void end_silent_exchange();
    /// How long end_silent_exchange() can wait; nothing when no exchange is under way.
    std::optional<std::chrono::microseconds> until_silent() const;

private:
    device::Device* device_;
    Clock* clock_;
    Party owner_ = nullptr;  ///< whose exchange is under way
    Clock::Time last_block_;
    BusStatistics statistics_;
    Faults faults_;
    std::optional<device::LedPattern> logged_led_;
};

}  // namespace hsm4::emulator
