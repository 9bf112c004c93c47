// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Running the new system's own programs, in a chroot.
#pragma once

#include <vector>

#include "tools/rootfs/cipher.hpp"
#include "tools/rootfs/mount.hpp"
#include "tools/rootfs/provision/personal.hpp"

namespace hsm4::rootfs {

/// A root with /dev, /proc, /sys and /run of the running system, as long as its owner lives.
class Inside {
public:
    static Outcome<Inside> enter(const std::string& root);

    /// A Problem with the program's last line unless it ends with 0.
    Done run(const std::vector<std::string>& words) const;
    Done leave();

private:
    explicit Inside(std::string root) : root_{std::move(root)} {}
    std::string root_;
    std::vector<Mounted> mounts_;
};

/// A Problem unless the image holds what an initramfs that unlocks by the module is made of.
Done check_can_unlock(const std::string& root);

/// Makes the initramfs of every kernel, new SSH host keys where there is a server, and looks into
/// each initramfs that the firmware would load.
Done build_inside(const std::string& root, const Personal& personal, const Cipher& cipher);

}  // namespace hsm4::rootfs
