// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// --recovery-key and --recovery-escrow.
#pragma once

#include "tools/enroll/options.hpp"
#include "tools/enroll/report.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// What can be said before anything is written: certificates that are readable, an escrow file that
/// does not exist yet.
Done check_escrow(const Volume& volume, const Options& options);

/// Adds a recovery key, in a slot that systemd's tools know as such. The escrow file is written,
/// and the key is shown, before the slot counts: no recovery slot exists whose key nobody has.
/// Returns the slot.
Outcome<int> add_recovery(Volume& volume, const SecretBytes& volume_key, const Options& options,
                          Report& report);

}  // namespace hsm4::enroll
