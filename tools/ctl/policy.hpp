// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl policy: what the module does by itself.
#pragma once

#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// The exit status.
int run_policy(const Options& options);

}  // namespace hsm4::ctl
