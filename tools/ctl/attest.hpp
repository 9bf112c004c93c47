// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl attest: host and module prove the binding to each other, now.
#pragma once

#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// The exit status.
int run_attest(const Options& options);

}  // namespace hsm4::ctl
