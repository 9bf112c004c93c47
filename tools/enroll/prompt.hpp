// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Secrets from a person.
#pragma once

#include <string>

#include "hsm4/secret.hpp"
#include "tools/enroll/problem.hpp"

namespace hsm4::enroll {

/// Asks on the controlling terminal, without echo; without a terminal through systemd's password
/// agents. A Problem, which names `instead`, where there is neither; at an empty answer; and when
/// a signal arrives.
Outcome<SecretBytes> ask(const std::string& question, const char* instead);

}  // namespace hsm4::enroll
