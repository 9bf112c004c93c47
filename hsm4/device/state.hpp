// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the module remembers without power, and how it is kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

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

struct State {
    Secret<32> device_secret;
    wire::LifeCycle life_cycle = wire::LifeCycle::unbound;
    std::uint32_t generation = 0;
    std::array<BindingSlot, wire::slot_count> slots;
    std::uint32_t wrong_proofs = 0;  ///< in a row
    std::uint32_t lockouts = 0;      ///< times that three wrong proofs in a row happened
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
