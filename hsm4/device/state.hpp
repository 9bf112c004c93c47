// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the module remembers without power, and how it is kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hsm4/bytes.hpp"
#include "hsm4/secret.hpp"
#include "hsm4/wire/protocol.hpp"

namespace hsm4::device {

/// The secret that one host shares with the module.
struct HostBinding {
    Array<wire::salt_size> salt{};
    Secret<wire::psk_size> psk;
};

struct BindingSlot {
    std::optional<HostBinding> active;
    std::optional<HostBinding> pending;  ///< offered, not proven yet
};

/// The try counter of one locked key with PIN. The PIN itself is known to nobody but the locked
/// key.
struct PinRecord {
    std::uint32_t id = 0;  ///< never used again
    std::uint32_t generation = 0;
    std::uint8_t tries_left = 0;
    bool used = false;  ///< the key was unlocked at least once
};

struct PerimeterChannel {
    wire::PerimeterAction action = wire::PerimeterAction::notify;
    bool armed = true;  ///< until its first event; again by clearing
};

struct Policy {
    std::array<PerimeterChannel, wire::channel_count> channels;
    std::uint32_t attest_interval_s = 0;  ///< 0: off
    std::uint8_t pin_tries = 5;
};

struct Event {
    std::uint32_t number = 0;
    wire::EventKind kind = wire::EventKind::perimeter;
    std::uint8_t detail = 0;
    std::uint64_t time = 0;  ///< seconds since 1970 by the module's clock
};

struct EventLog {
    std::uint32_t last_number = 0;
    std::uint32_t lost = 0;  ///< since the last clearing, for want of room
    std::vector<Event> events;
};

/// What stays of a module that has destroyed its keys: its name.
struct Remains {
    crypto::PublicKey channel_key{};
    crypto::PublicKey verify_key{};
};

struct State {
    Secret<32> device_secret;  ///< zero once destroyed
    std::optional<Remains> remains;
    wire::LifeCycle life_cycle = wire::LifeCycle::unbound;
    std::uint32_t generation = 0;
    std::array<BindingSlot, wire::slot_count> slots;
    std::uint32_t wrong_proofs = 0;  ///< in a row
    std::uint32_t lockouts = 0;      ///< times that three wrong proofs in a row happened
    std::uint32_t power_ons = 0;
    std::uint32_t last_pin = 0;  ///< id given last
    std::vector<PinRecord> pins;
    Policy policy;
    EventLog log;
};

/// Deterministic CBOR, followed by its SHA-256.
Result<SecretBytes> encode_state(const State& state);
/// `malformed` unless it is exactly what encode_state() makes.
Result<State> decode_state(View encoded);

/// Non-volatile memory. save() returns only when a crash can no longer lose the new state.
class NonVolatile {
public:
    virtual ~NonVolatile() = default;
    virtual Status save(const State& state) = 0;
};

}  // namespace hsm4::device
