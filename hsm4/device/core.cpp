// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Proofs, lock-outs and bindings.
#include "hsm4/device/core.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "hsm4/device/event_log.hpp"
#include "hsm4/device/pin_records.hpp"

namespace hsm4::device {

namespace {

constexpr std::uint32_t proofs_until_lockout = 3;
constexpr std::uint32_t first_delay_s = 10;
constexpr std::uint32_t longest_delay_s = 3600;

/// 10 s, doubling with each lock-out, at most an hour.
std::uint32_t delay_after(std::uint32_t lockouts) noexcept {
    std::uint32_t delay = lockouts == 0 ? 0 : first_delay_s;
    for (std::uint32_t at = 1; at < lockouts && delay < longest_delay_s; ++at) delay *= 2;
    return std::min(delay, longest_delay_s);
}

void count_up(std::uint32_t& counter) noexcept {
    if (counter < std::numeric_limits<std::uint32_t>::max()) ++counter;
}

/// Whole seconds until `end`, rounded up, never negative.
std::uint32_t seconds_until(Clock::Time end, Clock::Time now) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(end - now).count();
    return seconds > 0 ? static_cast<std::uint32_t>(seconds) : 0;
}

/// The name of a destroyed module, with secrets that nobody ever knows.
Result<Keys> keys_of(const Remains& remains) {
    Secret<32> nobodys;
    if (Status drawn = crypto::random_bytes(nobodys.writable()); !drawn) return drawn.error();
    auto keys = derive_keys(nobodys);
    if (!keys) return keys;
    auto id = wire::module_id_of(remains.channel_key, remains.verify_key);
    if (!id) return id.error();
    keys->channel.public_key = remains.channel_key;
    keys->verify_key = remains.verify_key;
    keys->module_id = *id;
    return keys;
}

}  // namespace

Core::Core(State state, Keys keys, Rng rng, NonVolatile& memory, Clock& clock)
    : state_{std::move(state)},
      keys_{std::move(keys)},
      rng_{std::move(rng)},
      memory_{&memory},
      clock_{&clock},
      power_on_{clock.now()},
      attested_{power_on_},
      calendar_start_{power_on_} {}

Result<Core> Core::start(State state, NonVolatile& memory, Clock& clock) {
    auto keys = state.remains ? keys_of(*state.remains) : derive_keys(state.device_secret);
    if (!keys) return keys.error();
    auto rng = Rng::seed(state.device_secret, state.power_ons);
    if (!rng) return rng.error();
    Core core{std::move(state), std::move(*keys), std::move(*rng), memory, clock};
    if (Status on = core.power_cycle(); !on) return on.error();
    return core;
}

std::uint8_t Core::state_byte() const {
    auto byte = static_cast<unsigned>(state_.life_cycle);
    const bool tampered = !std::ranges::all_of(state_.policy.channels, &PerimeterChannel::armed);
    if (is_secure()) byte |= wire::state_secure;
    if (is_compromised()) byte |= wire::state_compromised;
    if (tampered) byte |= wire::state_tampered;
    if (is_destroyed()) byte |= wire::state_destroyed;
    return static_cast<std::uint8_t>(byte);
}

std::uint32_t Core::delay_s() const {
    const std::chrono::seconds delay{delay_after(state_.lockouts)};
    return seconds_until(power_on_ + delay, clock_->now());
}

bool Core::has_binding() const {
    return std::ranges::any_of(state_.slots, [](const BindingSlot& slot) {
        return slot.active.has_value() || slot.pending.has_value();
    });
}

bool Core::listens_to_proofs() const { return !is_compromised() && has_binding(); }

std::uint32_t Core::attest_left_s() const {
    const std::chrono::seconds interval{state_.policy.attest_interval_s};
    return interval.count() == 0 ? 0 : seconds_until(attested_ + interval, clock_->now());
}

bool Core::is_attestation_overdue() const {
    return state_.policy.attest_interval_s != 0 && attest_left_s() == 0;
}

Status Core::count_wrong_proof(std::uint8_t slot) {
    ++statistics_.refusals;
    count_up(state_.wrong_proofs);
    if (state_.wrong_proofs >= proofs_until_lockout) {
        count_up(state_.lockouts);
        locked_out_ = true;
        secure_ = false;
        record(wire::EventKind::lock_out, slot);
    }
    return save();
}

/// Nothing of it holds unless it could be kept: a host that hears of a failure still has the old
/// binding.
Status Core::accept_proof(const Peer& peer) {
    const auto& proven = state_.slots[peer.slot];
    // The binding may have gone since the handshake.
    if (!(peer.by_pending ? proven.pending : proven.active)) return Error{Errc::refused, "proof"};
    const bool commits = peer.by_pending;
    const bool counted = state_.wrong_proofs != 0 || state_.lockouts != 0;
    const std::uint32_t wrong_proofs = std::exchange(state_.wrong_proofs, 0);
    const std::uint32_t lockouts = std::exchange(state_.lockouts, 0);
    Status kept = commits ? commit_pending(state_.slots[peer.slot]) : (counted ? save() : ok());
    if (!kept) {
        state_.wrong_proofs = wrong_proofs;
        state_.lockouts = lockouts;
        return kept;
    }
    secure_ = true;
    return ok();
}

Status Core::commit_pending(BindingSlot& slot) {
    auto replaced = std::exchange(slot.active, std::exchange(slot.pending, std::nullopt));
    const wire::LifeCycle before = state_.life_cycle;
    if (before == wire::LifeCycle::unbound) state_.life_cycle = wire::LifeCycle::development;
    Status saved = save();
    if (!saved) {
        slot.pending = std::exchange(slot.active, std::move(replaced));
        state_.life_cycle = before;
    }
    return saved;
}

Status Core::offer(std::uint8_t slot, HostBinding binding) {
    auto& pending = state_.slots[slot].pending;
    auto replaced = std::exchange(pending, std::move(binding));
    Status saved = save();
    if (!saved) pending = std::move(replaced);
    return saved;
}

Status Core::lock_binding(std::uint8_t kept_slots) {
    for (std::size_t at = 0; at < state_.slots.size(); ++at) {
        state_.slots[at].pending.reset();
        if ((kept_slots >> at & 1U) == 0) state_.slots[at].active.reset();
    }
    state_.life_cycle = wire::LifeCycle::production;
    record(wire::EventKind::production, kept_slots);
    return save();
}

void Core::restart_attestation() noexcept {
    attested_ = clock_->now();
    missed_ = false;
}

Status Core::revoke() {
    ++state_.generation;
    forget_pin_records_before(state_, state_.generation);
    record(wire::EventKind::revoked, 0);
    return save();
}

Status Core::trip(std::size_t channel) {
    PerimeterChannel& tripped = state_.policy.channels[channel];
    if (is_destroyed() || !tripped.armed || tripped.action == wire::PerimeterAction::none)
        return ok();
    tripped.armed = false;
    const auto number = static_cast<std::uint8_t>(channel);
    record(wire::EventKind::perimeter, number);
    const bool destroys = tripped.action == wire::PerimeterAction::self_destruct &&
                          state_.life_cycle == wire::LifeCycle::production;
    return destroys ? destroy(number) : save();
}

/// The keys go from memory even when the non-volatile memory fails.
Status Core::destroy(std::uint8_t channel) {
    State rest;
    rest.remains = Remains{keys_.channel.public_key, keys_.verify_key};
    rest.life_cycle = state_.life_cycle;
    rest.generation = state_.generation;
    rest.power_ons = state_.power_ons;
    rest.last_pin = state_.last_pin;
    rest.policy = state_.policy;
    rest.log = std::move(state_.log);
    state_ = std::move(rest);
    record(wire::EventKind::self_destructed, channel);
    secure_ = false;
    Status saved = save();
    auto keys = keys_of(*state_.remains);
    if (!keys) return keys.error();
    keys_ = std::move(*keys);
    return saved;
}

Status Core::clear_events(std::uint32_t through) {
    device::clear_events(state_.log, through);
    for (std::size_t at = 0; at < state_.policy.channels.size(); ++at)
        if (!has_perimeter_event(state_.log, at)) state_.policy.channels[at].armed = true;
    return save();
}

void Core::record(wire::EventKind kind, std::uint8_t detail) {
    add_event(state_.log, kind, detail, time_s());
}

Status Core::tick() {
    if (!is_attestation_overdue() || missed_) return ok();
    missed_ = true;
    secure_ = false;
    record(wire::EventKind::attest_missed, 0);
    return save();
}

/// Counted durably, because the random numbers of two power-ons must differ.
Status Core::power_cycle() {
    power_on_ = clock_->now();
    secure_ = false;
    locked_out_ = false;
    led_.reset();
    restart_attestation();
    count_up(state_.power_ons);
    if (Status saved = save(); !saved) return saved;
    auto rng = Rng::seed(state_.device_secret, state_.power_ons);
    if (!rng) return rng.error();
    rng_ = std::move(*rng);
    return ok();
}

void Core::set_time(std::uint64_t now_s) {
    calendar_start_ = clock_->now() - std::chrono::seconds{now_s};
}

std::uint64_t Core::time_s() const {
    const auto since = clock_->now() - calendar_start_;
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::seconds>(since).count());
}

}  // namespace hsm4::device
