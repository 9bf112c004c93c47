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

/// The next boot will go on with it: it is neither unprepared nor abandoned.
Outcome<bool> has_begun(const Order& order);

/// Removes record, header, order and pins, and makes the initramfs without them. Only for a plain
/// root. May be repeated.
Done take_back(const Order& order);

/// hsm4-rootfs resume in a running system: tidies up after what is complete, or makes the next boot
/// try again. `after_boot`: only the former. The exit code.
int resume(bool after_boot);

/// Whether hsm4-rootfs resume runs at the end of each boot.
Done switch_tidying(bool on);

/// hsm4-rootfs status.
int show_status(bool as_json);

}  // namespace hsm4::rootfs
