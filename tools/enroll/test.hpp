// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// --test: does the token open the volume now?
#pragma once

#include "hsm4/config.hpp"
#include "tools/enroll/report.hpp"
#include "tools/enroll/secrets.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// Opens the volume by this host's tokens without mapping it; one that does is enough. Of several,
/// the first one's Problem is told.
Done test(const Volume& volume, const Config& config, Secrets& secrets, Report& report);

}  // namespace hsm4::enroll
