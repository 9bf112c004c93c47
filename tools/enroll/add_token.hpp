// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Adding an hsm4 token to a volume.
#pragma once

#include "hsm4/config.hpp"
#include "tools/enroll/options.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// Refuses when a token of this host's module is there already.
Done refuse_second_token(const Volume& volume, const Config& config);

/// Enrols the module that this host is bound to. `opened`: a way in that was just proven.
Done add_token(Volume& volume, const Volume::Opened& opened, const Options& options);

}  // namespace hsm4::enroll
