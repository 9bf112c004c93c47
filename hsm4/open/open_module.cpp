// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4::Module over the open protocol: every call is one exchange, repeated after faults of the
// link within the call's budget of time.
#include "hsm4/open/open_module.hpp"

#include "hsm4/open/attest.hpp"
#include "hsm4/open/bind_lock.hpp"
#include "hsm4/open/channel.hpp"
#include "hsm4/open/events.hpp"
#include "hsm4/open/exchange.hpp"
#include "hsm4/open/info.hpp"
#include "hsm4/open/led.hpp"
#include "hsm4/open/lock.hpp"
#include "hsm4/open/pin.hpp"
#include "hsm4/open/policy.hpp"
#include "hsm4/open/random.hpp"
#include "hsm4/open/revoke.hpp"
#include "hsm4/open/status.hpp"
#include "hsm4/open/unlock.hpp"

namespace hsm4::open {

OpenModule::OpenModule(std::unique_ptr<Transport> transport, Clock& clock,
                       std::optional<Credentials> credentials, std::chrono::milliseconds budget)
    : transport_{std::move(transport)},
      clock_{&clock},
      credentials_{std::move(credentials)},
      budget_{budget} {}

OpenModule::~OpenModule() = default;

/// The pinned module, or the one that HELLO names.
Result<ModuleKeys> OpenModule::choose_module(Exchange& exchange) const {
    if (credentials_) {
        Status fits = check_module_id(credentials_->module);
        if (!fits) return fits.error();
        return credentials_->module;
    }
    auto greeting = open::hello(exchange.link(), exchange.deadline());
    if (!greeting) return greeting.error();
    return greeting->keys;
}

/// Why the pinned module said no, as far as HELLO tells. A better message only; nobody vouches for
/// it, and it decides nothing.
Error OpenModule::explain(const Error& refusal, Exchange& exchange) const {
    const bool has_reasons = refusal.code == Errc::refused || refusal.code == Errc::wrong_state ||
                             refusal.code == Errc::malformed;
    if (!has_reasons || !credentials_) return refusal;
    auto greeting = open::hello(exchange.link(), exchange.deadline());
    if (!greeting) return greeting.error().code == Errc::malformed ? greeting.error() : refusal;
    if (greeting->keys.module_id != credentials_->module.module_id)
        return Error{Errc::unauthentic, "another module answers"};
    if (greeting->status.destroyed)
        return Error{Errc::wrong_state, "the module has destroyed its keys"};
    if (greeting->status.life_cycle == LifeCycle::unbound)
        return Error{Errc::wrong_state, "the module is not bound"};
    if (greeting->status.compromised)
        return Error{Errc::wrong_state, "the module is shut after wrong proofs"};
    return refusal;
}

/// Runs `body(channel, module, exchange)` in a channel.
template <class Body>
auto OpenModule::in_channel(Proof proof, const Body& body) {
    using Outcome = decltype(body(std::declval<Channel&>(), std::declval<const ModuleKeys&>(),
                                  std::declval<Exchange&>()));
    const Deadline deadline{*clock_, budget_};
    return run_exchange(*transport_, *clock_, deadline, [&](Exchange& exchange) -> Outcome {
        if (proof == Proof::with && !credentials_) return Error{Errc::usage, "no binding is known"};
        auto module = choose_module(exchange);
        if (!module) return module.error();
        auto channel = proof == Proof::with
                           ? NoiseChannel::open_psk(exchange.link(), *module, credentials_->slot,
                                                    credentials_->psk, deadline)
                           : NoiseChannel::open_nk(exchange.link(), *module, deadline);
        if (!channel) return explain(channel.error(), exchange);
        return body(*channel, *module, exchange);
    });
}

/// One command of a proven host.
template <class Command, class... Arguments>
auto OpenModule::by_proof(Command command, const Arguments&... arguments) {
    return in_channel(Proof::with, [&](Channel& channel, const ModuleKeys&, Exchange&) {
        return command(channel, arguments...);
    });
}

Result<Hello> OpenModule::hello() {
    const Deadline deadline{*clock_, budget_};
    return run_exchange(*transport_, *clock_, deadline,
                        [&](Exchange& exchange) { return open::hello(exchange.link(), deadline); });
}

Result<ModuleInfo> OpenModule::info() {
    auto info = in_channel(Proof::without, [](Channel& channel, const ModuleKeys& module,
                                              Exchange&) { return read_info(channel, module); });
    if (info || info.error().code != Errc::wrong_state) return info;
    // A destroyed module opens no channel: what HELLO says is all that is left of it.
    auto greeting = hello();
    if (!greeting || !greeting->status.destroyed) return info;
    ModuleInfo rest;
    rest.backend = "open";
    rest.id = to_hex(greeting->keys.module_id);
    rest.model = "unknown (destroyed)";
    rest.keys = greeting->keys;
    rest.protocol_version = greeting->protocol_version;
    return rest;
}

Result<ModuleStatus> OpenModule::status() {
    auto status = in_channel(Proof::without, [](Channel& channel, const ModuleKeys&, Exchange&) {
        return read_status(channel);
    });
    if (status || status.error().code != Errc::wrong_state) return status;
    auto greeting = hello();
    if (!greeting || !greeting->status.destroyed) return status;
    return greeting->status;
}

Result<Bytes> OpenModule::lock(View key, const VolumeBinding& binding, std::optional<View> pin) {
    return in_channel(
        Proof::with, [&](Channel& channel, const ModuleKeys& module, Exchange& exchange) {
            if (pin) exchange.commit();  // the module makes a PIN record
            return lock_key(channel, module.verify_key, key, binding, pin, Generation::present);
        });
}

Result<Bytes> OpenModule::lock_ahead(View key, const VolumeBinding& binding,
                                     std::optional<View> pin) {
    return in_channel(
        Proof::with, [&](Channel& channel, const ModuleKeys& module, Exchange& exchange) {
            if (pin) exchange.commit();
            return lock_key(channel, module.verify_key, key, binding, pin, Generation::next);
        });
}

Result<SecretBytes> OpenModule::unlock(View locked_key, const VolumeBinding& binding,
                                       std::optional<View> pin) {
    if (!credentials_) return Error{Errc::usage, "no binding is known"};
    // Before a byte is sent: only what this module signed for this volume reaches it.
    Status genuine = check_locked_key(credentials_->module.verify_key, locked_key, binding);
    if (!genuine) return genuine.error();
    return in_channel(Proof::with, [&](Channel& channel, const ModuleKeys&, Exchange& exchange) {
        if (pin) exchange.commit();  // the module counts wrong PINs
        return unlock_key(channel, locked_key, binding, pin);
    });
}

Result<SecretBytes> OpenModule::random(std::size_t size) {
    return in_channel(Proof::with, [size](Channel& channel, const ModuleKeys&, Exchange&) {
        return read_random(channel, size);
    });
}

Result<Attestation> OpenModule::attest() {
    return in_channel(Proof::with, [](Channel& channel, const ModuleKeys& module, Exchange&) {
        return request_attestation(channel, module);
    });
}

Status OpenModule::led(const LedOrder& order) { return by_proof(order_led, order); }

Result<EventLog> OpenModule::events() { return by_proof(read_events); }

Status OpenModule::clear_events(std::uint32_t through) {
    return by_proof(open::clear_events, through);
}

Result<Policy> OpenModule::policy() { return by_proof(read_policy); }

Status OpenModule::set_perimeter_action(std::uint8_t channel, PerimeterAction action) {
    return by_proof(open::set_perimeter_action, channel, action);
}

Status OpenModule::set_attest_interval(std::uint32_t seconds) {
    return by_proof(open::set_attest_interval, seconds);
}

Status OpenModule::set_pin_tries(std::uint8_t tries) {
    return by_proof(open::set_pin_tries, tries);
}

Status OpenModule::lock_binding(std::uint8_t kept_slots) {
    if (!credentials_) return Error{Errc::usage, "no binding is known"};
    const auto own = static_cast<std::uint8_t>(1U << credentials_->slot);
    return in_channel(Proof::with, [&](Channel& channel, const ModuleKeys&, Exchange& exchange) {
        exchange.commit();  // a second time it would be refused
        return open::lock_binding(channel, kept_slots == 0 ? own : kept_slots);
    });
}

Result<std::vector<PinRecord>> OpenModule::pin_records() { return by_proof(read_pin_records); }

Status OpenModule::forget_pin(View locked_key, const VolumeBinding& binding) {
    return in_channel(Proof::with, [&](Channel& channel, const ModuleKeys&, Exchange& exchange) {
        exchange.commit();
        return open::forget_pin(channel, locked_key, binding);
    });
}

Status OpenModule::forget_pin(std::uint32_t id) {
    return in_channel(Proof::with, [&](Channel& channel, const ModuleKeys&, Exchange& exchange) {
        exchange.commit();
        return open::forget_pin(channel, id);
    });
}

Result<std::uint32_t> OpenModule::generation_of(View locked_key, const VolumeBinding& binding) {
    return by_proof(open::generation_of, locked_key, binding);
}

Result<std::uint32_t> OpenModule::revoke(std::uint32_t from) {
    return by_proof(open::revoke, from);
}

Result<Array<32>> OpenModule::offer_binding(const ModuleKeys& module, std::uint8_t slot,
                                            const DerivePsk& derive) {
    if (Status fits = check_module_id(module); !fits) return fits.error();
    const Deadline deadline{*clock_, budget_};
    return run_exchange(*transport_, *clock_, deadline,
                        [&](Exchange& exchange) -> Result<Array<32>> {
                            auto channel = NoiseChannel::open_nk(exchange.link(), module, deadline);
                            if (!channel) return channel.error();
                            return offer_key(*channel, slot, derive);
                        });
}

}  // namespace hsm4::open
