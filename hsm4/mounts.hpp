// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What is mounted where (proc_pid_mountinfo(5)).
#pragma once

#include <string>
#include <vector>

#include "hsm4/identity.hpp"

namespace hsm4 {

struct Mount {
    std::string device;   ///< MAJOR:MINOR
    std::string subtree;  ///< what of the file system is mounted; "/" for all
    std::string point;
    std::string type;  ///< the file system's, as the kernel names it
};

/// In the kernel's order: the last mount at a point hides the ones before. Empty when the table
/// cannot be read.
std::vector<Mount> mounts(const Machine& machine);

}  // namespace hsm4
