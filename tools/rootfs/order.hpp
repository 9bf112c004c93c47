// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What a conversion, or a move to another disk, is to do. Written once, before it begins; a copy
// lies in the initramfs.
#pragma once

#include <cstdint>
#include <string>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

inline constexpr const char* order_path = "/etc/hsm4/conversion.json";
/// Everything that the conversion needs outside of the root lies here on the boot partition.
inline constexpr const char* boot_directory = "hsm4-rootfs";

struct Order {
    std::string root;        ///< PARTUUID of the root partition: it stays when the content changes
    std::string boot;        ///< PARTUUID of the boot partition
    std::string boot_mount;  ///< where the running system mounts it
    std::string uuid;        ///< of the LUKS2 volume
    std::string name = "cryptroot";  ///< of the mapping
    std::uint64_t partition = 0;     ///< bytes, as in Plan
    std::uint64_t file_system = 0;   ///< 0 in an order of a version that did not write it
    std::uint64_t shrunk = 0;
    std::uint64_t encrypted = 0;
    std::string target;   ///< PARTUUID of where the root moves to; empty: it is encrypted in place
    bool erases = false;  ///< the old root, once the system has come up from the new one

    bool moves() const noexcept { return !target.empty(); }

    std::string mapping() const { return "/dev/mapper/" + name; }
    /// In the running system.
    std::string directory() const { return boot_mount + '/' + boot_directory; }
};

std::string to_json(const Order& order);
Outcome<Order> parse_order(const std::string& json);
/// A Problem when there is none, or it cannot be read.
Outcome<Order> load_order(const std::string& path = order_path);

/// The PARTUUID of a partition, by the links that udev keeps; or empty.
std::string partuuid_of(const std::string& node, const std::string& dev = "/dev");

}  // namespace hsm4::rootfs
