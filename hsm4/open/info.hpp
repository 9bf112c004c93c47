// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// INFO: what the module is.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// `unauthentic` when the module names other keys than those that the channel was opened to.
Result<ModuleInfo> read_info(Channel& channel, const ModuleKeys& module);

}  // namespace hsm4::open
