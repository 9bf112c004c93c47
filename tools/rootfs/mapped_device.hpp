// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A device-mapper device of one target, by dmsetup.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// Bytes of a block device.
Outcome<std::uint64_t> device_size(const std::string& device);

/// There for as long as this lives.
class MappedDevice {
public:
    /// `target` is a line of a table without its start and its length, "linear /dev/sda2 0" say;
    /// `size` in bytes, a multiple of 512.
    static Outcome<MappedDevice> make(const std::string& name, std::uint64_t size,
                                      const std::string& target);
    MappedDevice(MappedDevice&& other) noexcept
        : name_{std::exchange(other.name_, {})}, node_{std::move(other.node_)} {}
    MappedDevice& operator=(MappedDevice&&) = delete;
    MappedDevice(const MappedDevice&) = delete;
    MappedDevice& operator=(const MappedDevice&) = delete;
    ~MappedDevice() { static_cast<void>(remove()); }

    /// The kernel's own name: the one in /dev/mapper is up to udev, which may be late or absent.
    const std::string& node() const noexcept { return node_; }
    /// The line of dmsetup status.
    Outcome<std::string> status() const;
    Done remove();

private:
    explicit MappedDevice(std::string name) : name_{std::move(name)} {}
    std::string name_;
    std::string node_;
};

}  // namespace hsm4::rootfs
