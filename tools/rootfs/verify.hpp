// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the firmware will load can do the conversion: looked at, not believed.
#pragma once

#include "tools/rootfs/cipher.hpp"
#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// Unpacks each initramfs that config.txt lets the firmware load. A Problem names what is missing.
Done verify_initramfs(const Order& order, const Cipher& cipher);

}  // namespace hsm4::rootfs
