// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a security module can do. Nothing above this interface knows which kind of module it talks
// to.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hsm4/bytes.hpp"
#include "hsm4/secret.hpp"

namespace hsm4 {

inline constexpr std::size_t volume_binding_size = 32;
/// SHA-256 that names one key slot of one volume (hsm4/volume_binding.hpp).
using VolumeBinding = Array<volume_binding_size>;

enum class LifeCycle {
    unbound,
    development,
    production,
    unknown  ///< bound, and the module's software does not tell more
};

/// The keys that a module proves itself with.
struct ModuleKeys {
    Array<16> module_id{};
    Array<32> public_key{};  ///< X25519, the channel's static key
    Array<32> verify_key{};  ///< Ed25519, signs locked keys and attestations
};

struct ModuleInfo {
    std::string backend;  ///< "open" or "zymbit"
    std::string id;       ///< module id in hex, or the vendor's serial number
    std::string model;
    std::string firmware;
    std::optional<ModuleKeys> keys;  ///< absent for zymbit
    std::uint8_t protocol_version = 0;
};

struct ModuleStatus {
    LifeCycle life_cycle = LifeCycle::unbound;
    bool secure = false;       ///< a present host has proven the binding since power-on
    bool compromised = false;  ///< three wrong proofs in a row: shut
    bool tampered = false;
    bool destroyed = false;
    std::uint32_t generation = 0;
    std::uint8_t bound_slots = 0;  ///< bit N: binding slot N is in use
    std::uint32_t wrong_proofs = 0;
    std::uint32_t lockouts = 0;
    std::uint32_t delay_s = 0;            ///< seconds until the module listens again
    std::uint32_t attest_interval_s = 0;  ///< 0: off
    std::uint32_t attest_left_s = 0;
    std::uint16_t events = 0;
    std::optional<std::uint64_t> clock;  ///< the module's, seconds since 1970; where it tells
};

/// A proof that the module holds its signing key and accepts this host now; already verified.
struct Attestation {
    ModuleStatus status;  ///< life cycle, flags and generation are covered by the signature
    Array<64> signature{};
    Array<32> nonce{};
    Array<32> handshake_hash{};
};

enum class LedMode {
    automatic,  ///< shows the module's state
    on,
    off,
    flash
};
struct LedOrder {
    LedMode mode = LedMode::automatic;
    std::uint16_t on_ms = 0;  ///< of one flash, not 0
    std::uint16_t off_ms = 0;
    std::uint16_t flashes = 0;  ///< then automatic again; 0: without end
};

enum class EventKind {
    perimeter,        ///< detail: channel
    self_destructed,  ///< detail: channel
    lock_out,         ///< detail: binding slot that a host claimed with three wrong proofs
    attest_missed,
    pin_locked,
    revoked,
    production
};
struct Event {
    std::uint32_t number = 0;
    EventKind kind = EventKind::perimeter;
    std::uint8_t detail = 0;
    std::uint64_t time = 0;  ///< seconds since 1970 by the module's clock
};
struct EventLog {
    std::uint32_t last_number = 0;
    std::uint32_t lost = 0;  ///< not in `events` for want of room
    std::vector<Event> events;
};

inline constexpr std::size_t perimeter_channels = 2;
enum class PerimeterAction {
    none,
    notify,
    self_destruct  ///< in production only, and for good
};
struct PerimeterChannel {
    PerimeterAction action = PerimeterAction::none;
    bool armed = true;  ///< no event since the last clearing
};
struct Policy {
    std::array<PerimeterChannel, perimeter_channels> channels;
    std::uint32_t attest_interval_s = 0;  ///< 0: off
    std::uint8_t pin_tries = 0;
};

/// The try counter of one locked key with PIN.
struct PinRecord {
    std::uint32_t id = 0;
    std::uint32_t generation = 0;
    std::uint8_t tries_left = 0;
    bool used = false;  ///< the key was unlocked at least once
};

/// Secrets handed in are borrowed for the call. Every call is bounded in time by the backend's
/// deadline. Errors: no_device, timeout, bus, malformed, unauthentic (the peer is not the pinned
/// module), refused, wrong_state, bad_pin (detail = tries left), pin_locked. What is not pure is
/// not every kind of module's: it ends in `unsupported` there. Not thread-safe.
class Module {
public:
    virtual ~Module() = default;

    virtual Result<ModuleInfo> info() = 0;
    virtual Result<ModuleStatus> status() = 0;
    /// Encrypts and signs `key` (1 to 128 bytes) for `binding`; with `pin` (1 to 64 bytes) only the
    /// PIN unlocks it.
    virtual Result<Bytes> lock(View key, const VolumeBinding& binding, std::optional<View> pin) = 0;
    virtual Result<SecretBytes> unlock(View locked_key, const VolumeBinding& binding,
                                       std::optional<View> pin) = 0;
    /// A key that a vendor's own tools locked: of no particular volume (token format "raw").
    /// Refused by modules that know no such keys, and for a key that was locked for a volume.
    virtual Result<SecretBytes> unlock_raw(View /*locked_key*/) {
        return Error{Errc::refused, "key without a volume binding"};
    }
    /// `size` random bytes (1 to 128) of the module.
    virtual Result<SecretBytes> random(std::size_t size) = 0;
    /// Proves the binding to the module and the module to the host.
    virtual Result<Attestation> attest() = 0;

    virtual Status led(const LedOrder& order);

    virtual Result<EventLog> events();
    /// Forgets events up to number `through`, and arms perimeter channels that have none left.
    virtual Status clear_events(std::uint32_t through);
    virtual Result<Policy> policy();
    /// Errors: `wrong_state` for self_destruct outside production, and for taking it back.
    virtual Status set_perimeter_action(std::uint8_t channel, PerimeterAction action);
    /// At least 10 seconds, or 0: off.
    virtual Status set_attest_interval(std::uint32_t seconds);
    /// 1 to 20.
    virtual Status set_pin_tries(std::uint8_t tries);

    /// Development to production, for good. Only the binding slots in `kept_slots` (bit N: slot N)
    /// stay bound; 0 stands for the host's own alone.
    virtual Status lock_binding(std::uint8_t kept_slots);

    virtual Result<std::vector<PinRecord>> pin_records();
    /// Forgets the try counter of a locked key with PIN; the key is dead then.
    virtual Status forget_pin(View locked_key, const VolumeBinding& binding);
    virtual Status forget_pin(std::uint32_t id);

    /// As lock(), for the generation that the next revoke() makes the present one. The key works
    /// before and after.
    virtual Result<Bytes> lock_ahead(View key, const VolumeBinding& binding,
                                     std::optional<View> pin);
    /// The generation of a locked key that is still alive: the present one, or the next.
    virtual Result<std::uint32_t> generation_of(View locked_key, const VolumeBinding& binding);
    /// Raises the generation from `from`, which must be the present one, and gives the new one.
    /// Locked keys of older generations are dead for good.
    virtual Result<std::uint32_t> revoke(std::uint32_t from);
};

}  // namespace hsm4
