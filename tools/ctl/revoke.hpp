// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl revoke: the end of every locked key that was not rotated.
#pragma once

#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// The exit status.
int run_revoke(const Options& options);

}  // namespace hsm4::ctl
