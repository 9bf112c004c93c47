// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl status, of a Zymbit module: its own software binds it, and tells less.
#pragma once

#include "hsm4/module.hpp"
#include "tools/ctl/facts.hpp"

namespace hsm4::ctl {

/// What the vendor's software tells, and what to do about it.
void add_vendor_status(Facts& facts, const ModuleStatus& status);

}  // namespace hsm4::ctl
