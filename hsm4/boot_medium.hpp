// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The boot medium: which whole disk it is, by which stable path, and its serial number.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "hsm4/identity.hpp"
#include "hsm4/secret.hpp"

namespace hsm4 {

/// The directory in sysfs of the block device that is mounted at `mount_point`.
std::optional<std::filesystem::path> sysfs_of_mount(const std::string& mount_point,
                                                    const Machine& machine);

/// A stable path (DEV/disk/by-path/...) of the whole disk that holds /boot/firmware, else /boot,
/// else /; or of the disk `named` (a whole disk or one of its partitions). `identity` when there is
/// none.
Result<std::string> find_boot_medium(const std::optional<std::string>& named,
                                     const Machine& machine);

/// CID of an SD card or eMMC, else the disk's serial number, prefixed by which of them it is
/// ("cid:..." or "serial:..."). `identity` when the disk is not there or has none.
Result<SecretBytes> measure_medium(const std::string& path, const Machine& machine);

}  // namespace hsm4
