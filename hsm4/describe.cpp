// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What went wrong, in words.
#include "hsm4/describe.hpp"

#include <cstring>

namespace hsm4 {

namespace {

/// A switch without default: a new Errc must choose its words.
const char* advice(Errc code) noexcept {
    switch (code) {
        case Errc::no_device:
            return "no module answers; check power, bus and `device =` in hsm4.conf";
        case Errc::no_software:
            return "install or update the vendor's packages, or name their place by `device =` in "
                   "hsm4.conf";
        case Errc::occupied:
            return "zkifc owns the module; use `device = zymbit:`, or stop zkifc and wait 10 s";
        case Errc::timeout:
            return "the module did not answer in time; try again, or power-cycle the module";
        case Errc::bus: return "the bus to the module is disturbed; check wiring and `dmesg`";
        case Errc::malformed: return "not in the expected format";
        case Errc::unauthentic:
            return "not from the module that was enrolled; see `hsm4ctl info`, or enrol again";
        case Errc::refused:
            return "refused by the module: other binding, other volume or revoked key; see "
                   "`hsm4ctl status`, or enrol again";
        case Errc::wrong_state: return "the module's state does not allow it; see `hsm4ctl status`";
        case Errc::bad_pin: return "PIN missing or wrong";
        case Errc::pin_locked: return "the PIN is locked; use another way in and enrol again";
        case Errc::bad_token: return "the token is damaged; enrol again";
        case Errc::bad_volume: return "this volume cannot be trusted with a locked key";
        case Errc::pin_mismatch:
            return "the header disagrees with what hsm4.conf pins; if you changed the volume "
                   "yourself, enrol again";
        case Errc::bad_config: return "correct hsm4.conf, or run `hsm4ctl bind`";
        case Errc::identity:
            return "a measured component cannot be read now; is its hardware there?";
        case Errc::io: return "system error";
        case Errc::crypto: return "OpenSSL failed";
        case Errc::unsupported: return "this kind of module has no such service";
        case Errc::usage: return "see --help";
    }
    return "unknown error";
}

}  // namespace

std::string describe(const Error& error) {
    std::string line = error.where;
    line += ": ";
    line += advice(error.code);
    if (error.code == Errc::io) line += std::string{" ("} + std::strerror(error.detail) + ")";
    if (error.code == Errc::bad_config && error.detail > 0)
        line += " (line " + std::to_string(error.detail) + ")";
    if (error.code == Errc::bad_pin && error.detail > 0)
        line += "; tries left: " + std::to_string(error.detail);
    return line;
}

}  // namespace hsm4
