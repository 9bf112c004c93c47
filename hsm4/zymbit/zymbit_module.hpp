// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4::Module over the vendor's software. The module takes no associated data and checks no PIN:
// the volume binding stands in what it locks, and PINs are refused.
#pragma once

#include <memory>

#include "hsm4/module.hpp"
#include "hsm4/zymbit/access.hpp"

namespace hsm4::zymbit {

class ZymbitModule final : public Module {
public:
    explicit ZymbitModule(std::unique_ptr<Access> access) : access_{std::move(access)} {}

    Result<ModuleInfo> info() override;
    Result<ModuleStatus> status() override;
    Result<Bytes> lock(View key, const VolumeBinding& binding, std::optional<View> pin) override;
    Result<SecretBytes> unlock(View locked_key, const VolumeBinding& binding,
                               std::optional<View> pin) override;
    Result<SecretBytes> unlock_raw(View locked_key) override;
    Result<SecretBytes> random(std::size_t size) override;
    /// `unsupported`: the vendor's module measures its host by itself, and signs nothing about it.
    Result<Attestation> attest() override;

    /// Off and on stay until the vendor's daemon starts anew; there is no way back to automatic.
    Status led(const LedOrder& order) override;
    /// The first event of each perimeter channel, numbered by their order here.
    Result<EventLog> events() override;
    /// All or nothing: `refused` when an event has come that the caller has not seen.
    Status clear_events(std::uint32_t through) override;
    /// `unsupported`: the module does not tell what was set.
    Result<Policy> policy() override;
    /// Self-destruction is `wrong_state` unless the module says that it is in production, and
    /// bound.
    Status set_perimeter_action(std::uint8_t channel, PerimeterAction action) override;

private:
    Result<ModuleStatus> status_by_trial();

    std::unique_ptr<Access> access_;
};

}  // namespace hsm4::zymbit
