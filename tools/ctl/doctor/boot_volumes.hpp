// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Which LUKS2 volumes the root file system lies on.
#pragma once

#include <string>
#include <vector>

#include "hsm4/identity.hpp"

namespace hsm4::ctl::doctor {

/// Their devices, through LVM, RAID and whatever else is stacked; empty when there are none.
std::vector<std::string> root_volumes(const Machine& machine);

}  // namespace hsm4::ctl::doctor
