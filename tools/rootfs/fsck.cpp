// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// By e2fsck.
#include "tools/rootfs/fsck.hpp"

#include "tools/rootfs/command.hpp"
#include "tools/rootfs/superblock.hpp"

namespace hsm4::rootfs {

Done repair(const std::string& device) {
    constexpr int repaired = 1;  // what needs a person or a reboot is more
    return run_quietly({"e2fsck", "-f", "-p", device}, patient, repaired);
}

Done is_clean(const std::string& device) { return run_quietly({"e2fsck", "-f", "-n", device}); }

Done is_usable(const std::string& device) {
    auto found = read_ext4(device);
    if (!found) return found.error();
    if (found->needs_recovery) return done();
    return is_clean(device);
}

}  // namespace hsm4::rootfs
