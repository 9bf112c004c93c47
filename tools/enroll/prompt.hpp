// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Secrets from a person.
#pragma once

#include <string>

#include "hsm4/secret.hpp"
#include "tools/enroll/problem.hpp"

namespace hsm4::enroll {

/// Asks on the controlling terminal, without echo. A Problem where there is none, at an empty
/// answer and when a signal arrives.
Outcome<SecretBytes> ask(const std::string& question);

}  // namespace hsm4::enroll
