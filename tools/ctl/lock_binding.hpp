// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl bind --lock: from development to production, for good.
#pragma once

#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

/// Whether the configuration's binding may be locked at all, and the person agrees; says why not.
/// The exit status: exit_done, or that of the refusal.
int agree_to_lock(const Host& host, const Options& options);

/// Proves the binding and locks it. `wrong_state` when it is locked already.
Status lock_binding(const Host& host, const Options& options, Clock& clock);

}  // namespace hsm4::ctl
