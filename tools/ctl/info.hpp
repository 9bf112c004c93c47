// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl info: what the module is.
#pragma once

#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// The exit status.
int run_info(const Options& options);

}  // namespace hsm4::ctl
