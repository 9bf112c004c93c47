// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl doctor: will the next boot unlock by itself?
#pragma once

#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// The exit status: 0 healthy, 1 will not unlock, 3 warnings only.
int run_doctor(const Options& options);

}  // namespace hsm4::ctl
