// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// After the first good boot from the new root.
#pragma once

#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// The running system's root is the new one: from now on cmdline.txt names it. May be repeated.
Done confirm_move(const Order& order);

/// Discards or overwrites the old root partition, which nobody may have open. May be repeated.
Done erase_old_root(const Order& order);

}  // namespace hsm4::rootfs
