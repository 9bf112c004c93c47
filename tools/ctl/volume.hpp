// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl volume: what hsm4.conf says to the header of a volume, without asking the module.
#pragma once

#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// Reads Options::volume, Options::header, Options::words.
int run_volume(const Options& options);

}  // namespace hsm4::ctl
