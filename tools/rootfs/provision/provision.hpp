// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs provision: one unit, or one after the other.
#pragma once

#include <string>

#include "tools/rootfs/provision/unit.hpp"

namespace hsm4::rootfs {

struct ProvisionOptions {
    UnitOrder unit;
    std::string image;
    std::string module_uri;
    bool batch = false;
    bool yes = false;  ///< no question
};

/// One line of JSON per unit on standard output. The exit code: refused when any unit failed.
int provision(const ProvisionOptions& options);

/// That line, without its end. `problem` of a unit that failed, else null.
std::string unit_line(const UnitFacts& facts, std::uint64_t seconds, const Problem* problem);

}  // namespace hsm4::rootfs
