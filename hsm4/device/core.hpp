// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's heart: non-volatile state, keys, and the proof of a host. No link, no channel.
#pragma once

#include <cstdint>

#include "hsm4/clock.hpp"
#include "hsm4/device/keys.hpp"
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
    /// `memory` and `clock` outlive the core.
    static Result<Core> start(State state, NonVolatile& memory, Clock& clock);

    const State& state() const noexcept { return state_; }
    const Keys& keys() const noexcept { return keys_; }
    Statistics& statistics() noexcept { return statistics_; }

    /// The state byte (wire/protocol.hpp).
    std::uint8_t state_byte() const;
    /// Seconds until proofs are listened to again; 0 when they are, or when only a power cycle
    /// helps.
    std::uint32_t delay_s() const;
    /// False while compromised, delayed, or without any binding.
    bool listens_to_proofs() const;

    /// A wrong proof: counted durably, before the host hears of it.
    Status count_wrong_proof();
    /// The first authentic message of a channel by PSK: commits a pending binding, clears the
    /// counters.
    Status accept_proof(const Peer& peer);
    /// Keeps an offered binding beside the active one.
    Status offer(std::uint8_t slot, HostBinding binding);

    /// Power off and on: `secure` and `compromised` go, delays begin.
    void power_cycle();

private:
    Core(State state, Keys keys, NonVolatile& memory, Clock& clock);
    Status save() { return memory_->save(state_); }
    bool has_binding() const;
    Status commit_pending(BindingSlot& slot);

    State state_;
    Keys keys_;
    NonVolatile* memory_;
    Clock* clock_;
    Clock::Time power_on_;
    bool secure_ = false;
    bool locked_out_ = false;  ///< until the next power cycle
    Statistics statistics_;
};

}  // namespace hsm4::device
