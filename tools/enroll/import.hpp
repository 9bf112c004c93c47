// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Taking over a volume that a vendor's own tools encrypted.
#pragma once

#include "tools/enroll/options.hpp"
#include "tools/enroll/report.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// Makes a token of options.import_locked_key for the key slot that the key in it opens. Adds that
/// token, and changes nothing else: the vendor's way in keeps working.
Done import_locked_key(const Place& place, const Options& options, Report& report);

}  // namespace hsm4::enroll
