// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the next boot needs, whether the root is encrypted in place or moves.
#pragma once

#include "tools/rootfs/cipher.hpp"
#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// Root, boot partition and where that is mounted.
Outcome<Order> order_for(const Layout& layout);

/// The directory on the boot partition.
Done make_boot_directory(const Order& order);

/// Writes the order, makes every initramfs anew, and looks into those that the firmware loads.
Done build_initramfs(const Order& order, const Cipher& cipher);

/// The exit code, after the line.
int fail(const Problem& problem);
/// A line on standard output.
void say(const std::string& line);

}  // namespace hsm4::rootfs
