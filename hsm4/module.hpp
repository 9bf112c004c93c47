// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a security module can do. Nothing above this interface knows which kind of module it talks
// to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hsm4/bytes.hpp"
#include "hsm4/secret.hpp"

namespace hsm4 {

inline constexpr std::size_t volume_binding_size = 32;
/// SHA-256 that names one key slot of one volume (hsm4/volume_binding.hpp).
using VolumeBinding = Array<volume_binding_size>;

enum class LifeCycle {
    unbound,
    development,
    production
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
};

/// A proof that the module holds its signing key and accepts this host now; already verified.
struct Attestation {
    ModuleStatus status;  ///< life cycle, flags and generation are covered by the signature
    Array<64> signature{};
    Array<32> nonce{};
    Array<32> handshake_hash{};
};

/// Secrets handed in are borrowed for the call. Every call is bounded in time by the backend's
/// deadline. Errors: no_device, timeout, bus, malformed, unauthentic (the peer is not the pinned
/// module), refused, wrong_state, bad_pin (detail = tries left), pin_locked. Not thread-safe.
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
};

}  // namespace hsm4
