// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Checking ext4 file systems that are not mounted.
#pragma once

#include <string>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// Repairs what can be repaired without a question. A Problem when there is more.
Done repair(const std::string& device);

/// A Problem when there is anything to repair. Writes nothing.
Done is_clean(const std::string& device);

/// Whether it is one that a system has used, or left whole, and not what an interrupted merge left:
/// both what a merge starts from and what it ends with have an empty journal. Writes nothing. A
/// Problem says what is wrong.
Done is_usable(const std::string& device);

}  // namespace hsm4::rootfs
