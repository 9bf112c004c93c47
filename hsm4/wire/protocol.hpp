// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Numbers and sizes of the open protocol, version 1 (hsm4-protocol(7)).
#pragma once

#include <cstdint>

#include "hsm4/bytes.hpp"
#include "hsm4/crypto.hpp"
#include "hsm4/wire/t1.hpp"

namespace hsm4::wire {

inline constexpr std::uint8_t protocol_version = 1;
inline constexpr std::size_t module_id_size = 16;
inline constexpr std::size_t binding_size = 32;  ///< a volume binding (SHA-256)
inline constexpr std::size_t salt_size = 32;     ///< chosen by the module at bind
inline constexpr std::size_t psk_size = 32;
inline constexpr std::size_t attest_nonce_size = 32;
inline constexpr std::size_t handshake_size =
    32 + 16;                                   ///< both messages: e, and an empty payload's tag
inline constexpr std::uint8_t slot_count = 4;  ///< binding slots of a module
inline constexpr std::size_t longest_key = 128;
inline constexpr std::size_t longest_pin = 64;
inline constexpr std::size_t longest_random = 128;
inline constexpr std::size_t longest_blob = 512;
inline constexpr std::size_t most_pins = 16;    ///< PIN records of a module
inline constexpr std::size_t most_events = 32;  ///< that the log holds; later ones are counted only
inline constexpr std::size_t channel_count = 2;  ///< of the perimeter
inline constexpr std::uint8_t most_pin_tries = 20;

using ModuleId = Array<module_id_size>;

/// First byte of a message outside a channel.
enum class Clear : std::uint8_t {
    hello = 0x01,
    open_nk = 0x02,
    open_psk = 0x03
};

enum class Opcode : std::uint8_t {
    info = 0x01,
    status = 0x02,
    lock = 0x03,
    unlock = 0x04,
    unlock_pin = 0x05,
    random = 0x06,
    attest = 0x07,
    led = 0x08,
    events = 0x09,
    policy = 0x0a,
    pin = 0x0b,
    revoke = 0x0c,
    bind_lock = 0x0d,
    lock_ahead = 0x0e,  ///< as lock, for the next generation
    bind_prepare = 0x10,
    bind_offer = 0x11,
};

enum class Answer : std::uint8_t {
    ok = 0,
    refused = 1,
    bad_pin = 2,
    pin_locked = 3,
    malformed = 4,
    wrong_state = 5,
    unknown = 6,
    failure = 7,
    no_room = 8,
};

/// The state byte: life cycle in the low nibble, flags above.
inline constexpr std::uint8_t state_life_cycle = 0x0f;
inline constexpr std::uint8_t state_secure = 0x10;
inline constexpr std::uint8_t state_compromised = 0x20;
inline constexpr std::uint8_t state_tampered = 0x40;
inline constexpr std::uint8_t state_destroyed = 0x80;
enum class LifeCycle : std::uint8_t {
    unbound = 0,
    development = 1,
    production = 2
};

enum class PinRequest : std::uint8_t {
    list = 0,
    forget_key = 1,  ///< the record of this locked key
    forget_id = 2,
};

enum class EventRequest : std::uint8_t {
    list = 0,
    clear = 1,
};
enum class EventKind : std::uint8_t {
    perimeter = 1,        ///< detail: channel
    self_destructed = 2,  ///< detail: channel
    lock_out = 3,         ///< three wrong proofs in a row; detail: binding slot that was claimed
    attest_missed = 4,
    pin_locked = 5,
    revoked = 6,
    production = 7,
};

enum class PolicyRequest : std::uint8_t {
    show = 0,
    set_action = 1,
    set_attest_interval = 2,
    set_pin_tries = 3,
};
enum class PerimeterAction : std::uint8_t {
    none = 0,
    notify = 1,
    self_destruct = 2,
};

enum class RevokeRequest : std::uint8_t {
    inspect = 0,  ///< the generation of a locked key
    revoke = 1,
};

enum class LedMode : std::uint8_t {
    automatic = 0,  ///< shows the module's state
    on = 1,
    off = 2,
    flash = 3,
};

/// SHA-256("hsm4 module id v1" || X25519 key || Ed25519 key): what people compare at bind.
Result<crypto::Hash> key_fingerprint(const crypto::PublicKey& x25519,
                                     const crypto::PublicKey& ed25519);
/// The first half of the fingerprint.
Result<ModuleId> module_id_of(const crypto::PublicKey& x25519, const crypto::PublicKey& ed25519);

/// What went over the link in clear before a handshake, and so must be authenticated by it.
struct LinkParameters {
    std::uint16_t ifsc = t1::default_ifs;  ///< INF bytes the module accepts
    std::uint16_t ifsd = t1::default_ifs;  ///< INF bytes the host accepts
    Bytes cip;                             ///< as sent, or empty
};
/// The Noise prologue. `slot` is 0 for open_nk.
Bytes prologue(Clear type, std::uint8_t slot, const ModuleId& module,
               const LinkParameters& parameters);

/// The signed text of ATTEST.
Bytes attested_text(const ModuleId& module, const Array<attest_nonce_size>& nonce,
                    std::uint8_t state, std::uint32_t generation,
                    const crypto::Hash& handshake_hash);

}  // namespace hsm4::wire
