// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The vendor's module as a Module.
#include "hsm4/zymbit/zymbit_module.hpp"

#include "hsm4/crypto.hpp"
#include "hsm4/zymbit/sealed.hpp"

namespace hsm4::zymbit {

namespace {

/// A version without the call, a module of a kind that does not answer it, or the programs.
bool tells_nothing(const Error& error) noexcept {
    return error.code == Errc::no_software || error.code == Errc::unsupported ||
           error.code == Errc::refused;
}

EventLog log_of(const PerimeterTimes& times) {
    EventLog log;
    std::uint8_t channel = 0;
    for (const auto time : times) {
        if (time != 0)
            log.events.push_back({++log.last_number, EventKind::perimeter, channel, time});
        ++channel;
    }
    return log;
}

Error pin_refused() { return {Errc::usage, "PIN for a Zymbit module, which cannot check one"}; }

}  // namespace

Result<ModuleInfo> ZymbitModule::info() {
    auto identity = access_->identify();
    if (!identity) return identity.error();
    ModuleInfo info;
    info.backend = "zymbit";
    info.id = identity->serial;
    info.model = identity->model.empty() ? "Zymbit" : identity->model;
    info.firmware = identity->firmware.empty() ? "unknown" : identity->firmware;
    return info;
}

Result<ModuleStatus> ZymbitModule::status() {
    auto state = access_->state();
    if (!state && tells_nothing(state.error())) return status_by_trial();
    if (!state) return state.error();
    ModuleStatus status;
    if (state->locked)
        status.life_cycle = LifeCycle::production;
    else if (state->bound)
        status.life_cycle = LifeCycle::development;
    status.secure = state->bound;
    status.bound_slots = state->bound ? 1 : 0;
    status.events = static_cast<std::uint16_t>(log_of(state->perimeter).events.size());
    status.tampered = status.events > 0;
    if (state->clock != 0) status.clock = state->clock;
    return status;
}

/// A module that is not bound locks nothing.
Result<ModuleStatus> ZymbitModule::status_by_trial() {
    Secret<32> probe;
    if (Status drawn = crypto::random_bytes(probe.writable()); !drawn) return drawn.error();
    auto locked = access_->lock(probe.view());
    if (!locked) return locked.error();
    auto unlocked = access_->unlock(*locked);
    if (!unlocked) return unlocked.error();
    if (!equal_secret(unlocked->view(), probe.view()))
        return Error{Errc::malformed, "what the Zymbit module unlocked"};
    ModuleStatus status;
    status.life_cycle = LifeCycle::unknown;
    status.secure = true;
    status.bound_slots = 1;
    return status;
}

Result<Bytes> ZymbitModule::lock(View key, const VolumeBinding& binding, std::optional<View> pin) {
    if (pin) return pin_refused();
    auto plaintext = seal(key, binding);
    if (!plaintext) return plaintext.error();
    return access_->lock(plaintext->view());
}

Result<SecretBytes> ZymbitModule::unlock(View locked_key, const VolumeBinding& binding,
                                         std::optional<View> pin) {
    if (pin) return pin_refused();
    auto plaintext = access_->unlock(locked_key);
    if (!plaintext) return plaintext.error();
    return unseal(plaintext->view(), binding);
}

Result<SecretBytes> ZymbitModule::unlock_raw(View locked_key) {
    auto plaintext = access_->unlock(locked_key);
    // Else a header's author could take the binding off a sealed key by calling it raw.
    if (plaintext && is_sealed(plaintext->view()))
        return Error{Errc::refused, "sealed key in a token that calls it raw"};
    return plaintext;
}

Result<SecretBytes> ZymbitModule::random(std::size_t size) {
    constexpr std::size_t longest = 128;
    if (size == 0 || size > longest) return Error{Errc::usage, "number of random bytes"};
    return access_->random(size);
}

Result<Attestation> ZymbitModule::attest() {
    return Error{Errc::unsupported, "attestation (a Zymbit module measures its host by itself)"};
}

Status ZymbitModule::led(const LedOrder& order) {
    if (order.mode == LedMode::automatic)
        return Error{Errc::unsupported, "light back to automatic (`systemctl restart zkifc` does)"};
    return access_->led(order);
}

Result<EventLog> ZymbitModule::events() {
    auto times = access_->perimeter();
    if (!times) return times.error();
    return log_of(*times);
}

Status ZymbitModule::clear_events(std::uint32_t through) {
    return access_->clear_perimeter(through);
}

Result<Policy> ZymbitModule::policy() {
    return Error{Errc::unsupported, "reading the policy (a Zymbit module does not tell it)"};
}

Status ZymbitModule::set_perimeter_action(std::uint8_t channel, PerimeterAction action) {
    if (channel >= perimeter_channels) return Error{Errc::usage, "perimeter channel"};
    if (action == PerimeterAction::self_destruct) {
        auto state = access_->state();
        if (!state) return state.error();
        if (!state->locked || !state->bound)
            return Error{Errc::wrong_state, "self-destruction outside production"};
    }
    return access_->set_perimeter_action(channel, action);
}

}  // namespace hsm4::zymbit
