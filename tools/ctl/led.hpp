// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl led: what the module's light shows.
#pragma once

#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// The exit status.
int run_led(const Options& options);

}  // namespace hsm4::ctl
