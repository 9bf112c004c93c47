// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a kind of module does not offer.
#include "hsm4/module.hpp"

namespace hsm4 {

namespace {

Error unsupported(const char* what) { return Error{Errc::unsupported, what}; }

}  // namespace

Status Module::led(const LedOrder& /*order*/) { return unsupported("LED"); }

Result<EventLog> Module::events() { return unsupported("event log"); }

Status Module::clear_events(std::uint32_t /*through*/) { return unsupported("event log"); }

Result<Policy> Module::policy() { return unsupported("policy"); }

Status Module::set_perimeter_action(std::uint8_t /*channel*/, PerimeterAction /*action*/) {
    return unsupported("perimeter");
}

Status Module::set_attest_interval(std::uint32_t /*seconds*/) {
    return unsupported("attestation interval");
}

Status Module::set_pin_tries(std::uint8_t /*tries*/) { return unsupported("PIN"); }

Status Module::lock_binding(std::uint8_t /*kept_slots*/) {
    return unsupported("locking the binding");
}

Result<std::vector<PinRecord>> Module::pin_records() { return unsupported("PIN"); }

Status Module::forget_pin(View /*locked_key*/, const VolumeBinding& /*binding*/) {
    return unsupported("PIN");
}

Status Module::forget_pin(std::uint32_t /*id*/) { return unsupported("PIN"); }

Result<Bytes> Module::lock_ahead(View /*key*/, const VolumeBinding& /*binding*/,
                                 std::optional<View> /*pin*/) {
    return unsupported("revocation");
}

Result<std::uint32_t> Module::generation_of(View /*locked_key*/, const VolumeBinding& /*binding*/) {
    return unsupported("revocation");
}

Result<std::uint32_t> Module::revoke(std::uint32_t /*from*/) { return unsupported("revocation"); }

}  // namespace hsm4
