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
    Result<ModuleKeys> choose_module(Exchange& exchange) const;
    Error explain(const Error& refusal, Exchange& exchange) const;

    std::unique_ptr<Transport> transport_;
    Clock* clock_;
    std::optional<Credentials> credentials_;
    std::chrono::milliseconds budget_;
};

}  // namespace hsm4::open
