// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Removing what a conversion needed, when it is done or will not take place.
#pragma once

#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// The running system's root is the mapping that `order` names.
bool is_root(const Order& order);

/// Makes that of every kernel anew, durably.
Done make_initramfs();

/// Removes record, header, order and pins, and makes the initramfs without them. Only for a plain
/// root. May be repeated.
Done take_back(const Order& order);

/// hsm4-rootfs resume in a running system: tidies up after a conversion that is complete, or makes
/// the next boot try again. The exit code.
int resume();

/// Whether hsm4-rootfs resume runs at the end of each boot.
Done switch_tidying(bool on);

/// hsm4-rootfs status.
int show_status(bool as_json);

}  // namespace hsm4::rootfs
