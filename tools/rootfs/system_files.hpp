// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the system must say differently once its root is encrypted.
#pragma once

#include <string>

#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// fstab with `device` for the line of "/"; unchanged when there is none.
std::string fstab_with_root(const std::string& fstab, const std::string& device);
/// crypttab with a line for the volume, instead of one of the same name.
std::string crypttab_with_root(const std::string& crypttab, const Order& order);

/// fstab and crypttab below `root`. What was there is kept as FILE.before-hsm4. May be repeated.
Done change_root_files(const std::string& root, const Order& order);

/// cmdline.txt in `boot`, a FAT file system, in the running system: a copy of it is kept as
/// cmdline.txt.before-hsm4, and it is made long enough for the new words, by spaces at its end.
Done make_room_in_command_line(const std::string& boot, const Order& order);
/// Removes the copy.
Done forget_command_line(const std::string& boot);
/// The new words, over the old ones in place. May be repeated.
Done change_command_line(const std::string& boot, const Order& order);

}  // namespace hsm4::rootfs
