// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the firmware reads from the boot partition: config.txt and cmdline.txt.
#pragma once

#include <string>
#include <vector>

namespace hsm4::rootfs {

/// What config.txt says about kernels and initramfs, filters like [pi4] included: a line counts
/// whatever section it stands in, because the same card may be moved to another board.
struct FirmwareConfig {
    bool auto_initramfs = false;
    std::vector<std::string> kernels;      ///< kernel=
    std::vector<std::string> initramfses;  ///< initramfs NAME followkernel
};
FirmwareConfig parse_firmware_config(const std::string& text);

/// The initramfs files that boot the kernels of the boot partition, by the names of its files.
/// `unserved` are kernels that the firmware would boot without an initramfs.
struct FirmwareChoice {
    std::vector<std::string> initramfses;
    std::vector<std::string> unserved;
    std::vector<std::string> absent;  ///< named, but not there
};
FirmwareChoice choose_initramfs(const FirmwareConfig& config,
                                const std::vector<std::string>& files);

/// The value of NAME=VALUE among the words of a kernel command line, or empty. The last one counts.
std::string value_of(const std::string& command_line, const std::string& name);
bool has_word(const std::string& command_line, const std::string& word);

/// The command line with `root` as root=, without what speaks of the old root (rootfstype= stays:
/// it is still ext4) and without resume= and splash. Other words keep their order; one line, with
/// its line end.
std::string for_encrypted_root(const std::string& command_line, const std::string& root);

}  // namespace hsm4::rootfs
