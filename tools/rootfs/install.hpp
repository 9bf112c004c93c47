// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The end of a conversion: the file system fills its volume again, and the system knows it.
#pragma once

#include "tools/rootfs/encryption.hpp"
#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

struct InstallOrder {
    std::string device;  ///< the encrypted partition
    std::string boot;    ///< where the boot partition is mounted
    Order order;
};

/// As `cryptsetup open` does. Nothing when it is mapped already.
Done map_volume(const std::string& device, const std::string& name, const Opener& opener);

/// Maps the volume, checks the file system, grows it while it is mounted (which a power cut cannot
/// break), and edits fstab, crypttab and cmdline.txt. The mapping stays. May be repeated.
Done install(const InstallOrder& order, const Opener& opener);

}  // namespace hsm4::rootfs
