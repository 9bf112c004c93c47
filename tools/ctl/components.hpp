// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Which parts of the host a binding measures.
#pragma once

#include <vector>

#include "hsm4/identity.hpp"
#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

/// Those named by --component, else what the machine offers (with --boot-medium instead of its own
/// boot medium). `usage` for a component that is none.
Result<std::vector<Component>> choose_components(const Options& options);

/// The components whose source lies on the root file system, and so cannot be measured before that
/// is unlocked.
std::vector<Component> late_components(const std::vector<Component>& components);

}  // namespace hsm4::ctl
