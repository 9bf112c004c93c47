// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// --list: what opens a volume, and what became of it.
#pragma once

#include "hsm4/config.hpp"
#include "tools/enroll/report.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// systemd-cryptenroll's word for what opens the slot: password, recovery, tpm2, ..., hsm4; other
/// for an unknown token, conflict for several.
std::string kind_of_slot(const Volume& volume, int keyslot);

/// One line for each key slot and for each token of ours without one, with what mends it.
Done list(const Volume& volume, const Config& config, Report& report);

}  // namespace hsm4::enroll
