// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A root that stayed plain after its file system had begun to shrink.
#pragma once

#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// Makes the mounted root file system as large again as it was before, so that the system does not
/// run out of space while nobody knows whether the conversion goes on. The kernel does it through
/// the journal: a power cut loses nothing. Does nothing when it is that large, or when the root is
/// not the partition that `order` names.
Done grow_back(const Order& order);

}  // namespace hsm4::rootfs
