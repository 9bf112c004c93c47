// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Errors as the plugin's contract has them.
#include "plugin/guard.hpp"

namespace hsm4::plugin {

/// A switch without default: a new Errc must choose.
int token_errno(Errc code) noexcept {
    switch (code) {
        case Errc::no_device:
        case Errc::no_software:
        case Errc::occupied:
        case Errc::timeout:
        case Errc::bus:
        case Errc::identity:
        case Errc::io:
        case Errc::crypto: return -EAGAIN;
        case Errc::bad_pin: return -ENOANO;
        case Errc::malformed:
        case Errc::unauthentic:
        case Errc::refused:
        case Errc::wrong_state:
        case Errc::pin_locked:
        case Errc::bad_token:
        case Errc::bad_volume:
        case Errc::pin_mismatch:
        case Errc::bad_config:
        case Errc::unsupported:
        case Errc::usage: return -ENOENT;
    }
    return -ENOENT;
}

}  // namespace hsm4::plugin
