// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// dmsetup create, info, status, remove.
#include "tools/rootfs/mapped_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "hsm4/files.hpp"
#include "tools/rootfs/command.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::chrono::seconds quick{60};
constexpr std::uint64_t sector = 512;

}  // namespace

Outcome<std::uint64_t> device_size(const std::string& device) {
    const Descriptor file{::open(device.c_str(), O_RDONLY | O_CLOEXEC)};
    std::uint64_t size = 0;
    if (!file || ::ioctl(file.get(), BLKGETSIZE64, &size) != 0)
        return Problem{device + ": " + std::strerror(errno)};
    return size;
}

Outcome<MappedDevice> MappedDevice::make(const std::string& name, std::uint64_t size,
                                         const std::string& target) {
    const std::string table = "0 " + std::to_string(size / sector) + ' ' + target;
    auto made =
        run({"dmsetup", "create", name, "--noudevsync", "--noudevrules", "--table", table}, quick);
    if (!made) return made.error();
    MappedDevice mapping{name};
    auto device = run({"dmsetup", "info", "-c", "--noheadings", "-o", "blkdevname", name}, quick);
    if (!device) return device.error();
    mapping.node_ = "/dev/" + device->substr(0, device->find('\n'));
    return mapping;
}

Outcome<std::string> MappedDevice::status() const {
    return run({"dmsetup", "status", name_}, quick);
}

Done MappedDevice::remove() {
    if (name_.empty()) return done();
    return run_quietly({"dmsetup", "remove", "--noudevsync", "--retry", std::exchange(name_, {})},
                       quick);
}

}  // namespace hsm4::rootfs
