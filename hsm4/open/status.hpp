// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// STATUS: the module's state and counters.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

Result<ModuleStatus> read_status(Channel& channel);

}  // namespace hsm4::open
