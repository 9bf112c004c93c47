// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The state byte: life cycle and flags.
#pragma once

#include "hsm4/module.hpp"

namespace hsm4::open {

/// Life cycle and flags of a ModuleStatus; `malformed` for a life cycle that does not exist.
Result<ModuleStatus> decode_state(std::uint8_t state);

}  // namespace hsm4::open
