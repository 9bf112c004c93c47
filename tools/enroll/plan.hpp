// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// --dry-run: each step in words, nothing done.
#pragma once

#include "tools/enroll/add_token.hpp"

namespace hsm4::enroll {

/// The steps that a run with these options would take now.
Outcome<std::vector<std::string>> plan(const Volume& volume, const Config& config,
                                       const Options& options);

}  // namespace hsm4::enroll
