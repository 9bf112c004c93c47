// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// HELLO: who is there, before any channel.
#pragma once

#include "hsm4/module.hpp"
#include "hsm4/open/link.hpp"

namespace hsm4::open {

/// The answer to HELLO, not authenticated except that module_id fits the keys.
struct Hello {
    ModuleKeys keys;
    ModuleStatus status;  ///< life cycle and flags only
    std::uint8_t protocol_version = 0;
};

/// `malformed` for another protocol or version, `unauthentic` when module_id does not fit the keys.
Result<Hello> hello(Link& link, const Deadline& deadline);

/// `unauthentic` unless the module id is the one that belongs to the keys.
Status check_module_id(const ModuleKeys& keys);

}  // namespace hsm4::open
