// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Proofs, lock-outs and bindings.
#include "hsm4/device/core.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

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

}  // namespace

Core::Core(State state, Keys keys, NonVolatile& memory, Clock& clock)
    : state_{std::move(state)},
      keys_{std::move(keys)},
      memory_{&memory},
      clock_{&clock},
      power_on_{clock.now()} {}

Result<Core> Core::start(State state, NonVolatile& memory, Clock& clock) {
    auto keys = derive_keys(state.device_secret);
    if (!keys) return keys.error();
    return Core{std::move(state), std::move(*keys), memory, clock};
}

std::uint8_t Core::state_byte() const {
    auto byte = static_cast<unsigned>(state_.life_cycle);
    if (secure_) byte |= wire::state_secure;
    if (locked_out_ || delay_s() > 0) byte |= wire::state_compromised;
    return static_cast<std::uint8_t>(byte);
}

std::uint32_t Core::delay_s() const {
    const std::chrono::seconds delay{delay_after(state_.lockouts)};
    const auto left = power_on_ + delay - clock_->now();
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(left).count();
    return seconds > 0 ? static_cast<std::uint32_t>(seconds) : 0;
}

bool Core::has_binding() const {
    return std::ranges::any_of(state_.slots, [](const BindingSlot& slot) {
        return slot.active.has_value() || slot.pending.has_value();
    });
}

bool Core::listens_to_proofs() const { return !locked_out_ && delay_s() == 0 && has_binding(); }

Status Core::count_wrong_proof() {
    ++statistics_.refusals;
    count_up(state_.wrong_proofs);
    if (state_.wrong_proofs >= proofs_until_lockout) {
        count_up(state_.lockouts);
        locked_out_ = true;
        secure_ = false;
    }
    return save();
}

/// Nothing of it holds unless it could be kept: a host that hears of a failure still has the old
/// binding.
Status Core::accept_proof(const Peer& peer) {
    const bool commits = peer.by_pending && state_.slots[peer.slot].pending.has_value();
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

void Core::power_cycle() {
    power_on_ = clock_->now();
    secure_ = false;
    locked_out_ = false;
}

}  // namespace hsm4::device
