// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4::Module over the open protocol: opens a channel for each call, checks what comes back.
#pragma once

#include <memory>
#include <optional>

#include "hsm4/clock.hpp"
#include "hsm4/module.hpp"
#include "hsm4/open/bind.hpp"
#include "hsm4/open/hello.hpp"
#include "hsm4/open/transport.hpp"

namespace hsm4::open {

class Exchange;

/// What a host knows of its binding.
struct Credentials {
    ModuleKeys module;  ///< pinned
    std::uint8_t slot = 0;
    Secret<32> psk;
};

class OpenModule final : public Module {
public:
    /// `credentials` empty: only hello(), info(), status() and the bind calls work, in a Noise_NK
    /// channel to the module that HELLO names. With credentials, info() and status() use NK as well
    /// (they must not cost a proof), pinned to the credentials' key. `budget` bounds every call.
    OpenModule(std::unique_ptr<Transport> transport, Clock& clock,
               std::optional<Credentials> credentials, std::chrono::milliseconds budget);
    ~OpenModule() override;

    Result<Hello> hello();
    Result<ModuleInfo> info() override;
    Result<ModuleStatus> status() override;
    Result<Bytes> lock(View key, const VolumeBinding& binding, std::optional<View> pin) override;
    Result<SecretBytes> unlock(View locked_key, const VolumeBinding& binding,
                               std::optional<View> pin) override;
    Result<SecretBytes> random(std::size_t size) override;
    Result<Attestation> attest() override;
    Status led(const LedOrder& order) override;
    Result<EventLog> events() override;
    Status clear_events(std::uint32_t through) override;
    Result<Policy> policy() override;
    Status set_perimeter_action(std::uint8_t channel, PerimeterAction action) override;
    Status set_attest_interval(std::uint32_t seconds) override;
    Status set_pin_tries(std::uint8_t tries) override;
    Status lock_binding(std::uint8_t kept_slots) override;
    Result<std::vector<PinRecord>> pin_records() override;
    Status forget_pin(View locked_key, const VolumeBinding& binding) override;
    Status forget_pin(std::uint32_t id) override;
    Result<Bytes> lock_ahead(View key, const VolumeBinding& binding,
                             std::optional<View> pin) override;
    Result<std::uint32_t> generation_of(View locked_key, const VolumeBinding& binding) override;
    Result<std::uint32_t> revoke(std::uint32_t from) override;

    /// Bind, first phase, in one Noise_NK channel pinned to `module`: asks the module for a salt,
    /// lets `derive` make the pre-shared key from it, and offers that. The module keeps it as
    /// pending; the binding becomes active when attest() with new credentials proves it. Returns
    /// the salt.
    using DerivePsk = open::DerivePsk;
    Result<Array<32>> offer_binding(const ModuleKeys& module, std::uint8_t slot,
                                    const DerivePsk& derive);

private:
    enum class Proof {
        without,  ///< Noise_NK
        with,     ///< Noise_NKpsk0: the host proves the binding
    };
    template <class Body>
    auto in_channel(Proof proof, const Body& body);
    template <class Command, class... Arguments>
    auto by_proof(Command command, const Arguments&... arguments);
    Result<ModuleKeys> choose_module(Exchange& exchange) const;
    Error explain(const Error& refusal, Exchange& exchange) const;

    std::unique_ptr<Transport> transport_;
    Clock* clock_;
    std::optional<Credentials> credentials_;
    std::chrono::milliseconds budget_;
};

}  // namespace hsm4::open
