// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A file as a block device. By the kernel's own calls: the losetup of an initramfs may be busybox'.
#pragma once

#include <string>

#include "hsm4/files.hpp"
#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// The device stays for as long as this lives, or something else uses it.
class Loop {
public:
    static Outcome<Loop> attach(const std::string& file);
    const std::string& device() const noexcept { return device_; }

private:
    Loop(std::string device, Descriptor held)
        : device_{std::move(device)}, held_{std::move(held)} {}
    std::string device_;
    Descriptor held_;
};

}  // namespace hsm4::rootfs
