// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What makes a copy of the image this unit's own system.
#pragma once

#include <string>

#include "hsm4/config.hpp"
#include "tools/rootfs/order.hpp"

namespace hsm4::rootfs {

/// %s in `pattern` stands for `serial`. A Problem unless it is a host name then (RFC 1123).
Outcome<std::string> host_name(const std::string& pattern, const std::string& serial);

/// The board's serial number: device tree, else DMI (product serial, else UUID); empty without any.
std::string serial_of_board(const Machine& machine = {});

/// Where fstab mounts the FAT partition with the boot files: /boot/firmware unless it says /boot.
std::string boot_point_of(const std::string& fstab);

/// fstab with the device and file system of the line for `point` replaced, or with such a line.
std::string fstab_with(const std::string& fstab, const std::string& point,
                       const std::string& device, const std::string& type);
/// /etc/hosts with `name` for 127.0.1.1.
std::string hosts_with(const std::string& hosts, const std::string& name);
/// Without what makes a fresh image resize its partitions at the first boot.
std::string without_first_boot(const std::string& command_line);

struct Personal {
    std::string host;       ///< empty: the image's
    std::string boot_uuid;  ///< of the FAT file system, as fstab writes it: "1A2B-3C4D"
    std::string boot_point;
    Order order;    ///< name and UUID of the volume
    Config config;  ///< its binding and pins are this unit's
};

/// Writes names, fstab, crypttab, hsm4.conf and cmdline.txt below `root`, where the boot partition
/// is mounted as well. Removes what no two machines may share: machine-id, SSH host keys, the seed
/// of the random generator, systemd's credential key.
Done personalise(const std::string& root, const Personal& personal);

}  // namespace hsm4::rootfs
