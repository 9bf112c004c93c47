// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Rebuilding the initramfs, which carries a copy of hsm4.conf.
#pragma once

#include <string>
#include <vector>

#include "hsm4/program.hpp"

namespace hsm4::ctl {

/// The command that rebuilds the initramfs of every kernel, or empty where nothing makes one.
std::vector<std::string> initramfs_command();

/// The same as a person types it.
std::string initramfs_command_text();

/// Runs it, for a quarter of an hour at most; what it says goes to standard error.
Ending rebuild_initramfs();

}  // namespace hsm4::ctl
