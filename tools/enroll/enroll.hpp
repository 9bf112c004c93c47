// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4-enroll: what the options ask for, volume by volume.
#pragma once

#include "tools/enroll/options.hpp"

namespace hsm4::enroll {

/// The exit code.
int run(const Options& options);

}  // namespace hsm4::enroll
