// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The host's client and the module's own code on one I2C bus, in one process, on a clock that only
// waits move. For tests of faults by the thousand.
#pragma once

#include <memory>
#include <optional>

#include "hsm4/device/device.hpp"
#include "hsm4/open/i2c_bus.hpp"
#include "hsm4/open/open_module.hpp"
#include "tests/i2c/target.hpp"

namespace hsm4::bench {

class SteppingClock final : public Clock {
public:
    Time now() const override { return now_; }
    void sleep(std::chrono::microseconds time) override { now_ += time; }

private:
    Time now_{std::chrono::hours{1}};
};

/// What the module would keep without power.
class Memory final : public device::NonVolatile {
public:
    Status save(const device::State& /*state*/) override { return ok(); }
};

/// The device, which computes for a while.
class DeviceModule final : public BlockModule {
public:
    explicit DeviceModule(Clock& clock) : clock_{&clock} {}
    /// A new module. Before anything else.
    Status start(device::NonVolatile& memory);
    void receive(View frame) override;
    std::optional<Bytes> answer() override;
    void power_cycle() override;
    device::Core& core() { return device_->core(); }

private:
    std::optional<device::Device> device_;
    Clock* clock_;
    Bytes answer_;
    Clock::Time ready_;
};

/// A host, and a module that is bound to it and has locked one key.
class Bench {
public:
    static constexpr std::chrono::milliseconds budget{4000};  ///< of one unlock

    /// `no_acknowledge` as the adapter says it.
    static Result<std::unique_ptr<Bench>> make(int no_acknowledge);

    /// What a new process does: everything from opening the bus on.
    Result<SecretBytes> unlock();
    bool is_the_key(const SecretBytes& key) const;
    Target& target() noexcept { return target_; }
    Clock& clock() noexcept { return clock_; }
    device::Core& module() { return module_.core(); }

private:
    explicit Bench(int no_acknowledge)
        : module_{clock_}, target_{module_, clock_, no_acknowledge} {}
    Status bind();
    Status lock();
    std::unique_ptr<open::OpenModule> connect(bool with_credentials);

    SteppingClock clock_;
    Memory memory_;
    DeviceModule module_;
    Target target_;
    ModuleKeys keys_;
    Secret<wire::psk_size> psk_;
    Secret<64> key_;
    VolumeBinding volume_{};
    Bytes locked_key_;
};

}  // namespace hsm4::bench
