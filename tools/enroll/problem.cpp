// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From an Error of the libraries to the tool's line.
#include "tools/enroll/problem.hpp"

#include "hsm4/describe.hpp"

namespace hsm4::enroll {

Problem::Problem(const Error& error)
    : text{describe(error)}, exit_code{error.code == Errc::usage ? exit_usage : exit_refused} {}

}  // namespace hsm4::enroll
