// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// One hsm4-rootfs that changes something at a time.
#pragma once

#include "hsm4/files.hpp"
#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

inline constexpr const char* lock_path = "/run/hsm4-rootfs.lock";

/// A lock for as long as the descriptor lives. A Problem when another process has it.
Outcome<Descriptor> keep_others_away(const std::string& path = lock_path);

}  // namespace hsm4::rootfs
