// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Proving an existing way into a volume, which gives the volume key.
#pragma once

#include "hsm4/config.hpp"
#include "tools/enroll/secrets.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// By key file or passphrase; by token with --unlock-hsm4, and for --change-pin unless a key file
/// is named.
Outcome<Volume::Opened> open_way_in(const Volume& volume, const Config& config,
                                    const Options& options, Secrets& secrets);

}  // namespace hsm4::enroll
