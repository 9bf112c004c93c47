// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// i2c-dev. The kernel keeps single ioctls apart, flock() whole exchanges.
#include "hsm4/open/i2c_bus.hpp"

#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/file.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstring>

extern "C" {
#include <i2c/smbus.h>
}

#include "hsm4/wire/t1.hpp"

namespace hsm4::open {

namespace {

constexpr std::size_t longest_transfer = 512;  ///< well below the kernel's 8192 bytes
static_assert(2 * wire::t1::overhead + wire::t1::default_ifs <= longest_transfer);

Error open_error(int code) {
    switch (code) {
        case ENOENT:
        case ENOTDIR:
        case ENXIO:
        case ENODEV: return Error{Errc::no_device, "the I2C bus", code};
        case EACCES:
        case EPERM: return Error{Errc::io, "the I2C bus (for root and group i2c only)", code};
        default: return Error{Errc::io, "the I2C bus", code};
    }
}

}  // namespace

Status LinuxI2cBus::open() {
    Descriptor node{::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)};
    if (!node) return open_error(errno);
    unsigned long functionality = 0;
    if (::ioctl(node.get(), I2C_FUNCS, &functionality) < 0)
        return Error{Errc::io, "a device that is no I2C bus", errno};
    if ((functionality & I2C_FUNC_I2C) == 0)
        return Error{Errc::io, "an I2C bus without plain transfers (SMBus only)", EOPNOTSUPP};
    // Also says whether a driver of the kernel owns the address: then it is no module of ours.
    if (::ioctl(node.get(), I2C_SLAVE, static_cast<unsigned long>(address_)) < 0)
        return Error{Errc::io, "an I2C address that a driver of the kernel uses", errno};
    can_receive_byte_ = (functionality & I2C_FUNC_SMBUS_READ_BYTE) != 0;
    node_ = std::move(node);
    return ok();
}

Result<bool> LinuxI2cBus::try_lock() {
    if (::flock(node_.get(), LOCK_EX | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK || errno == EINTR) return false;
    return Error{Errc::io, "lock on the I2C bus", errno};
}

int LinuxI2cBus::probe() noexcept {
    if (can_receive_byte_) return i2c_smbus_read_byte(node_.get());
    std::byte byte{};
    const int answer = transfer(I2C_M_RD, &byte, 1);
    if (answer == 0) return -ENXIO;
    return answer < 0 ? answer : std::to_integer<int>(byte);
}

int LinuxI2cBus::write(View bytes) noexcept {
    std::array<std::byte, longest_transfer> copy{};  // the kernel's interface is not const
    if (bytes.empty() || bytes.size() > copy.size()) return -EINVAL;
    std::copy(bytes.begin(), bytes.end(), copy.begin());
    return transfer(0, copy.data(), bytes.size());
}

int LinuxI2cBus::read(std::span<std::byte> bytes) noexcept {
    if (bytes.empty() || bytes.size() > longest_transfer) return -EINVAL;
    return transfer(I2C_M_RD, bytes.data(), bytes.size());
}

int LinuxI2cBus::transfer(std::uint16_t flags, std::byte* bytes, std::size_t size) noexcept {
    i2c_msg message{};
    message.addr = address_;
    message.flags = flags;
    message.len = static_cast<std::uint16_t>(size);
    message.buf = reinterpret_cast<__u8*>(bytes);
    i2c_rdwr_ioctl_data messages{&message, 1};
    const int done = ::ioctl(node_.get(), I2C_RDWR, &messages);
    return done < 0 ? -errno : done;
}

}  // namespace hsm4::open
