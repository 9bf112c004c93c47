// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Copying a root file system.
#pragma once

#include <string>

#include "tools/rootfs/encryption.hpp"

namespace hsm4::rootfs {

/// Makes the tree `to` equal to the tree `from`, on that file system alone: owners, modes, times,
/// links, ACLs and extended attributes as well. Files that vanish meanwhile count when `at_rest`
/// is set only. `progress` is told how full the two file systems are.
Done copy_tree(const std::string& from, const std::string& to, bool at_rest,
               const Progress& progress);

/// A Problem with the first path in which the two trees differ. Everything is read.
Done compare_trees(const std::string& from, const std::string& to);

}  // namespace hsm4::rootfs
