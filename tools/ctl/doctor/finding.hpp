// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a check of the doctor has to say.
#pragma once

#include <string>
#include <vector>

namespace hsm4::ctl::doctor {

enum class Severity {
    good,     ///< checked, and as it should be
    note,     ///< worth knowing; nothing to mend before the next boot
    warning,  ///< the next boot unlocks, but something asks for attention
    failure,  ///< the next boot will not unlock by itself
};

struct Finding {
    Severity severity;
    const char* check;    ///< stable name, for programs
    std::string what;     ///< what was found
    std::string why;      ///< why it matters; empty when all is well
    std::string command;  ///< what mends it; empty when nothing needs to
};

/// "good", "note", "warning", "failure".
const char* name_of(Severity severity) noexcept;

/// 0 healthy (notes do not count), 1 will not unlock, 3 warnings only.
int exit_status(const std::vector<Finding>& findings) noexcept;

/// Warnings and failures on standard output, and with `verbose` everything: one line each, or one
/// JSON object. So it is silent about a healthy system. False when that fails.
bool print(std::vector<Finding> findings, bool as_json, bool verbose);

}  // namespace hsm4::ctl::doctor
