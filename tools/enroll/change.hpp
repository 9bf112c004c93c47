// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Everything that changes a volume, in order: clean up, back up, enrol, recovery key, wipe.
#pragma once

#include "tools/enroll/report.hpp"
#include "tools/enroll/secrets.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

Done change(const Place& place, const Options& options, Secrets& secrets, Report& report);

}  // namespace hsm4::enroll
