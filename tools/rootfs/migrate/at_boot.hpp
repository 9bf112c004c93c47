// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs resume --at-boot, of a root that moves to another disk.
#pragma once

#include <string>

#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// The last, consistent pass of the copy, or the choice of the root that boots. As
/// resume_at_boot().
int move_at_boot(const Order& order, const std::string& key_file);

}  // namespace hsm4::rootfs
