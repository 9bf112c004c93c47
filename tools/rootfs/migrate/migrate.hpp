// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs migrate: what happens in the running system, before the reboot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/rootfs/begin.hpp"

namespace hsm4::rootfs {

struct MigrateOptions {
    std::string disk = "/dev/sda";
    unsigned number = 1;         ///< of the partition there
    unsigned source_number = 2;  ///< of the partition that the root is on now
    std::uint64_t max_size = 0;  ///< bytes of the new file system at most; 0: all there is
    std::optional<bool> erase;   ///< the old root afterwards; nothing: the person is asked
    ConvertOptions common;       ///< question and ways in
};

/// Makes the encrypted volume, copies the live root to it, and prepares the next boot, which
/// completes the copy. The exit code.
int migrate(Request request, const MigrateOptions& options);

}  // namespace hsm4::rootfs
