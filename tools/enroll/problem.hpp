// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the tool tells its user when it cannot go on: one line, and the exit code.
#pragma once

#include <string>

#include "hsm4/result.hpp"

namespace hsm4::enroll {

inline constexpr int exit_done = 0;
inline constexpr int exit_refused = 1;  ///< the module, the volume or the system said no
inline constexpr int exit_usage = 2;

struct Problem {
    explicit Problem(std::string line, int code = exit_refused)
        : text{std::move(line)}, exit_code{code} {}
    explicit Problem(const Error& error);

    std::string text;  ///< what is wrong, and what to do; no line end, no secret
    int exit_code = exit_refused;
};

/// A `T`, or a Problem to print.
template <class T>
using Outcome = Result<T, Problem>;
using Done = Outcome<std::monostate>;
inline Done done() { return std::monostate{}; }

}  // namespace hsm4::enroll
