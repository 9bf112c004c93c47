// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// mount(2), syncfs(2), umount(2).
#include "tools/rootfs/mount.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "hsm4/files.hpp"
#include "tools/rootfs/command.hpp"

namespace hsm4::rootfs {

Outcome<Mounted> Mounted::mount(const std::string& device, const std::string& point,
                                const char* type, unsigned long flags) {
    std::error_code failed;
    std::filesystem::create_directories(point, failed);
    // FAT that was not unmounted may have errors that do not touch our files, which are only
    // written over in place: no reason to make the whole read-only in the middle.
    const bool fat = type != nullptr && std::string_view{type} == "vfat";
    if (::mount(device.c_str(), point.c_str(), type, flags, fat ? "errors=continue" : nullptr) != 0)
        return Problem{device + " cannot be mounted: " + std::strerror(errno)};
    return Mounted{point};
}

Outcome<Mounted> Mounted::by_program(const std::string& device, const std::string& point,
                                     const std::string& type, const std::string& options) {
    constexpr std::chrono::minutes limit{2};
    std::error_code failed;
    std::filesystem::create_directories(point, failed);
    auto ran = run_command({"mount", "-t", type, "-o", options, device, point}, limit);
    if (!ran) return Problem{"mount: " + Problem{ran.error()}.text};
    // What comes after the first line is a hint to look into the kernel's log.
    if (ran->status != 0) return Problem{ran->output.substr(0, ran->output.find('\n'))};
    return Mounted{point};
}

Mounted::~Mounted() {
    if (!point_.empty()) ::umount(point_.c_str());
}

Done Mounted::unmount() {
    const std::string point = std::exchange(point_, {});
    Descriptor root{::open(point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const bool synced = root && ::syncfs(root.get()) == 0;
    root.close();
    if (::umount(point.c_str()) != 0 || !synced)
        return Problem{point + " cannot be unmounted: " + std::strerror(errno)};
    return done();
}

std::uint64_t used_in(const std::string& point) {
    struct statvfs figures = {};
    if (::statvfs(point.c_str(), &figures) != 0) return 0;
    return std::uint64_t{figures.f_blocks - figures.f_bfree} * figures.f_frsize;
}

}  // namespace hsm4::rootfs
