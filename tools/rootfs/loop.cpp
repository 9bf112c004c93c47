// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// loop(4).
#include "tools/rootfs/loop.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

namespace hsm4::rootfs {

Outcome<Loop> Loop::attach(const std::string& file) {
    const auto failed = [&] {
        return Problem{file + " cannot become a loop device: " + std::strerror(errno)};
    };
    const Descriptor content{::open(file.c_str(), O_RDWR | O_CLOEXEC)};
    const Descriptor control{::open("/dev/loop-control", O_RDWR | O_CLOEXEC)};
    if (!content || !control) return failed();
    // Somebody else may take the free one first.
    for (int tries = 0; tries < 16; ++tries) {
        const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
        if (number < 0) return failed();
        std::string device = "/dev/loop" + std::to_string(number);
        Descriptor held{::open(device.c_str(), O_RDWR | O_CLOEXEC)};
        struct loop_config config = {};
        config.fd = static_cast<decltype(config.fd)>(content.get());
        config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
        if (held && ::ioctl(held.get(), LOOP_CONFIGURE, &config) == 0)
            return Loop{std::move(device), std::move(held)};
        if (held && errno != EBUSY) return failed();
    }
    return failed();
}

}  // namespace hsm4::rootfs
