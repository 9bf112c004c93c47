// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the work in the initramfs has in common, whether the root is encrypted in place or moves.
#pragma once

#include <string>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// One line to the console alone.
void print_at_boot(const std::string& line);
/// And, as what a kernel says only to its log, for the journal of the system.
void tell(const std::string& line);
/// And to the log in `directory` on the boot partition.
void tell(const std::string& directory, const std::string& line);

/// The device with that PARTUUID, once udev has it. A Problem when it does not appear in time.
Outcome<std::string> wait_for_partition(const std::string& partuuid);

/// Makes init mount `root` instead of what the command line names, at this boot.
Done choose_root(const std::string& root);

}  // namespace hsm4::rootfs
