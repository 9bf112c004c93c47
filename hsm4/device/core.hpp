// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's heart: non-volatile state, keys, the proof of a host, and what shuts the services.
// No link, no channel. The table of states stands in hsm4-protocol(7), "States".
#pragma once

#include <cstdint>

#include "hsm4/clock.hpp"
#include "hsm4/device/keys.hpp"
#include "hsm4/device/led.hpp"
#include "hsm4/device/rng.hpp"
#include "hsm4/device/state.hpp"

namespace hsm4::device {

/// What a host has shown of itself in a channel.
struct Peer {
    bool by_psk = false;      ///< Noise_NKpsk0: it will be proven by its first message
    std::uint8_t slot = 0;    ///< binding slot, of a channel by PSK
    bool by_pending = false;  ///< the offered binding, not the active one
    crypto::Hash handshake_hash{};
};

/// Counters of this run, for tests and curiosity.
struct Statistics {
    std::uint64_t unlocks = 0;
    std::uint64_t refusals = 0;
};

class Core {
public:
    /// Power-on. `memory` and `clock` outlive the core.
    static Result<Core> start(State state, NonVolatile& memory, Clock& clock);

    const State& state() const noexcept { return state_; }
    const Keys& keys() const noexcept { return keys_; }
    Rng& rng() noexcept { return rng_; }
    const Led& led() const noexcept { return led_; }
    void order_led(const LedOrder& order) { led_.order(order, clock_->now()); }
    Statistics& statistics() noexcept { return statistics_; }
    const Statistics& statistics() const noexcept { return statistics_; }

    /// For a service that changes what is remembered; nothing counts before save().
    State& writable_state() noexcept { return state_; }
    Status save() { return memory_->save(state_); }

    /// The state byte (wire/protocol.hpp).
    std::uint8_t state_byte() const;
    bool is_destroyed() const noexcept { return state_.remains.has_value(); }
    /// Locked out until a power cycle, or waiting for the delay after one.
    bool is_compromised() const { return locked_out_ || delay_s() > 0; }
    /// A present host has proven the binding since power-on, and attests in time.
    bool is_secure() const { return secure_ && !is_attestation_overdue(); }
    /// Seconds until proofs are listened to again; 0 when they are, or when only a power cycle
    /// helps.
    std::uint32_t delay_s() const;
    /// False while compromised, or without any binding.
    bool listens_to_proofs() const;
    /// Seconds until the services shut for want of an attestation; 0 when they have, or when the
    /// policy is off.
    std::uint32_t attest_left_s() const;
    bool is_attestation_overdue() const;

    /// A wrong proof: counted durably, before the host hears of it.
    Status count_wrong_proof(std::uint8_t slot = 0);
    /// The first authentic message of a channel by PSK: commits a pending binding, clears the
    /// counters.
    Status accept_proof(const Peer& peer);
    /// Keeps an offered binding beside the active one.
    Status offer(std::uint8_t slot, HostBinding binding);
    /// Development to production, for good. Bindings of slots that `kept_slots` lacks are
    /// forgotten, and all that are only offered.
    Status lock_binding(std::uint8_t kept_slots);
    /// The host attested, or the policy changed: the interval begins again.
    void restart_attestation() noexcept;
    /// Raises the generation: locked keys of older ones are dead.
    Status revoke();

    /// The perimeter's channel opened or closed unexpectedly (`channel` < wire::channel_count).
    Status trip(std::size_t channel);
    /// Forgets events up to number `through`, and arms the channels that have none left.
    Status clear_events(std::uint32_t through);
    void record(wire::EventKind kind, std::uint8_t detail);

    /// Notices what only time brings about. To be called at least once a second.
    Status tick();
    /// Power off and on: what is not in State goes, delays begin.
    Status power_cycle();
    /// Sets the module's calendar, in seconds since 1970; until then it counts from 0.
    void set_time(std::uint64_t now_s);

private:
    Core(State state, Keys keys, Rng rng, NonVolatile& memory, Clock& clock);
    bool has_binding() const;
    Status commit_pending(BindingSlot& slot);
    std::uint64_t time_s() const;
    Status destroy(std::uint8_t channel);

    State state_;
    Keys keys_;
    Rng rng_;
    Led led_;
    NonVolatile* memory_;
    Clock* clock_;
    Clock::Time power_on_;
    Clock::Time attested_;        ///< start of the attestation interval
    Clock::Time calendar_start_;  ///< instant of second 0
    bool secure_ = false;
    bool locked_out_ = false;  ///< until the next power cycle
    bool missed_ = false;      ///< the missed attestation is in the log
    Statistics statistics_;
};

}  // namespace hsm4::device
