// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The state byte.
#include "hsm4/open/state.hpp"

#include "hsm4/wire/protocol.hpp"

namespace hsm4::open {

Result<ModuleStatus> decode_state(std::uint8_t state) {
    ModuleStatus status;
    switch (static_cast<wire::LifeCycle>(state & wire::state_life_cycle)) {
        case wire::LifeCycle::unbound: status.life_cycle = LifeCycle::unbound; break;
        case wire::LifeCycle::development: status.life_cycle = LifeCycle::development; break;
        case wire::LifeCycle::production: status.life_cycle = LifeCycle::production; break;
        default: return Error{Errc::malformed, "life cycle of the module"};
    }
    status.secure = (state & wire::state_secure) != 0;
    status.compromised = (state & wire::state_compromised) != 0;
    status.tampered = (state & wire::state_tampered) != 0;
    status.destroyed = (state & wire::state_destroyed) != 0;
    return status;
}

}  // namespace hsm4::open
