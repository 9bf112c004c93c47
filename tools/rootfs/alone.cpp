// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// flock(2).
#include "tools/rootfs/alone.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace hsm4::rootfs {

Outcome<Descriptor> keep_others_away(const std::string& path) {
    Descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) return Problem{path + ": " + std::strerror(errno) + "; run this as root"};
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0)
        return Problem{"another hsm4-rootfs is at work; see hsm4-rootfs status"};
    return file;
}

}  // namespace hsm4::rootfs
