// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A module as a device on an I2C bus, with faults (hsm4-protocol(7), "On an I2C bus"). It answers
// as the kernel answers an ioctl.
//
//   idle --write--> computing --> answering --all bytes read, or a write--> idle
#pragma once

#include <deque>
#include <optional>

#include "hsm4/clock.hpp"
#include "tests/i2c/fault.hpp"
#include "tests/i2c/i2c_device.hpp"

namespace hsm4::bench {

/// What the target needs of a module.
class BlockModule {
public:
    virtual ~BlockModule() = default;
    virtual void receive(View frame) = 0;
    /// What it says to the last frame, perhaps nothing; absent while it computes.
    virtual std::optional<Bytes> answer() = 0;
    virtual void power_cycle() = 0;
};

/// Of transfers that were acknowledged; no address bytes.
struct Traffic {
    std::uint64_t transfers = 0;
    std::uint64_t bytes_written = 0;
    std::uint64_t bytes_read = 0;
    std::uint64_t polls = 0;
    std::uint64_t faults = 0;
};

class Target final : public I2cDevice {
public:
    /// `no_acknowledge` is what the adapter says when nobody acknowledges. All outlive the target.
    Target(BlockModule& module, Clock& clock, int no_acknowledge)
        : module_{&module}, clock_{&clock}, no_acknowledge_{no_acknowledge} {}

    /// From the next transfer on, whose number is 0.
    void plan(FaultPlan faults);
    int write(View bytes) override;
    int read(std::span<std::byte> bytes) override;
    const Traffic& traffic() const noexcept { return traffic_; }

private:
    bool is_busy();
    std::optional<Fault> next(bool is_read, std::size_t size);
    void deliver(View bytes);
    Bytes take(std::size_t size);
    void collect();
    std::optional<int> act(const Fault& fault);
    int faulty_write(const Fault& fault, View bytes);
    int faulty_read(const Fault& fault, std::span<std::byte> bytes);

    BlockModule* module_;
    Clock* clock_;
    int no_acknowledge_;
    FaultPlan faults_;
    std::uint32_t number_ = 0;
    Traffic traffic_;
    bool computing_ = false;
    Bytes answer_;             ///< what of it was not read yet
    std::uint32_t storm_ = 0;  ///< requests for time before the answer
    std::optional<Bytes> withheld_;
    Clock::Time silent_until_{};
};

}  // namespace hsm4::bench
