// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs convert --dry-run.
#pragma once

#include "tools/rootfs/preflight.hpp"

namespace hsm4::rootfs {

/// --dry-run: says what was found and what would be done, and changes nothing. The exit code.
int show_plan(Request request, bool as_json);

/// One line each, and what to do.
void print_findings(const Findings& findings);

}  // namespace hsm4::rootfs
