// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// ioctls of i2c-dev. The caller's memory is another process's: umockdev fetches and returns it.
#include "tests/i2c/bus_node.hpp"

#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <umockdev.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace hsm4::bench {

namespace {

constexpr const char* node = "/dev/i2c-7";
constexpr const char* description =
    "P: /devices/platform/bench/i2c-7/i2c-dev/i2c-7\n"
    "N: i2c-7=00\n"  // a plain file, so that no pseudo-terminal is needed
    "E: DEVNAME=/dev/i2c-7\n"
    "E: SUBSYSTEM=i2c-dev\n"
    "E: MAJOR=89\n"
    "E: MINOR=7\n"
    "A: name=bench\\n\n";

struct Bus {
    I2cDevice* device;
    const BusTraits* traits;
};

/// What an ioctl returns, and errno.
struct Answer {
    long result = 0;
    int code = 0;
};

Answer answer_of(int kernel) {
    if (kernel < 0) return {-1, -kernel};
    return {kernel, 0};
}

void trace(const Bus& bus, char direction, View bytes) {
    if (bus.traits->trace == nullptr) return;
    std::fprintf(bus.traits->trace, "%c %s\n", direction, to_hex(bytes).c_str());
    std::fflush(bus.traits->trace);
}

int transfer(const Bus& bus, unsigned address, bool is_read, std::span<std::byte> bytes) {
    if (address != bus.traits->address) return bus.traits->no_acknowledge;
    const int done = is_read ? bus.device->read(bytes) : bus.device->write(bytes);
    if (done == 1) trace(bus, is_read ? 'r' : 'w', bytes);
    return done;
}

std::span<std::byte> bytes_of(UMockdevIoctlData* data) {
    return std::as_writable_bytes(std::span{data->data, static_cast<std::size_t>(data->data_len)});
}

template <class T>
T value_in(UMockdevIoctlData* data, std::size_t offset) {
    T value{};
    std::memcpy(&value, data->data + offset, sizeof value);
    return value;
}

/// A caller that was killed in the middle of an ioctl leaves nothing to fetch.
constexpr Answer vanished{-1, EFAULT};

/// One message, as the drivers of the Pi would refuse more.
Answer combined(const Bus& bus, UMockdevIoctlData* argument) {
    g_autoptr(UMockdevIoctlData) call =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(i2c_rdwr_ioctl_data), nullptr);
    if (call == nullptr) return vanished;
    const auto count = value_in<__u32>(call, offsetof(i2c_rdwr_ioctl_data, nmsgs));
    if (count != 1) return {-1, EOPNOTSUPP};
    g_autoptr(UMockdevIoctlData) message =
        umockdev_ioctl_data_resolve(call, 0, sizeof(i2c_msg), nullptr);
    if (message == nullptr) return vanished;
    const auto head = value_in<i2c_msg>(message, 0);
    if (head.len == 0) return {-1, EOPNOTSUPP};
    g_autoptr(UMockdevIoctlData) buffer =
        umockdev_ioctl_data_resolve(message, offsetof(i2c_msg, buf), head.len, nullptr);
    if (buffer == nullptr) return vanished;
    const bool is_read = (head.flags & I2C_M_RD) != 0;
    return answer_of(transfer(bus, head.addr, is_read, bytes_of(buffer)));
}

/// SMBus Receive Byte, the only one that is used.
Answer smbus(const Bus& bus, UMockdevIoctlData* argument) {
    g_autoptr(UMockdevIoctlData) call =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(i2c_smbus_ioctl_data), nullptr);
    if (call == nullptr) return vanished;
    const auto head = value_in<i2c_smbus_ioctl_data>(call, 0);
    if (head.read_write != I2C_SMBUS_READ || head.size != I2C_SMBUS_BYTE) return {-1, EOPNOTSUPP};
    g_autoptr(UMockdevIoctlData) data = umockdev_ioctl_data_resolve(
        call, offsetof(i2c_smbus_ioctl_data, data), sizeof(i2c_smbus_data), nullptr);
    if (data == nullptr) return vanished;
    const int done = transfer(bus, bus.traits->address, true, bytes_of(data).first(1));
    return done == 1 ? Answer{} : answer_of(done == 0 ? -EIO : done);
}

gboolean on_ioctl(UMockdevIoctlBase* /*handler*/, UMockdevIoctlClient* client, gpointer self) {
    const Bus& bus = *static_cast<const Bus*>(self);
    UMockdevIoctlData* argument = umockdev_ioctl_client_get_arg(client);
    Answer answer{-1, ENOTTY};
    switch (umockdev_ioctl_client_get_request(client)) {
        case I2C_FUNCS: {
            g_autoptr(UMockdevIoctlData) value =
                umockdev_ioctl_data_resolve(argument, 0, sizeof(unsigned long), nullptr);
            if (value == nullptr) break;
            std::memcpy(value->data, &bus.traits->functionality, sizeof(unsigned long));
            answer = {};
            break;
        }
        case I2C_SLAVE: answer = bus.traits->claimed ? Answer{-1, EBUSY} : Answer{}; break;
        case I2C_RDWR: answer = combined(bus, argument); break;
        case I2C_SMBUS: answer = smbus(bus, argument); break;
        default: break;
    }
    umockdev_ioctl_client_complete(client, answer.result, answer.code);
    return TRUE;
}

}  // namespace

std::string serve_bus(I2cDevice& device, const BusTraits& traits) {
    static Bus bus;
    bus = {&device, &traits};
    UMockdevTestbed* testbed = umockdev_testbed_new();
    if (!umockdev_testbed_add_from_string(testbed, description, nullptr)) return {};
    UMockdevIoctlBase* handler = umockdev_ioctl_base_new();
    g_signal_connect_data(handler, "handle-ioctl", reinterpret_cast<GCallback>(on_ioctl), &bus,
                          nullptr, GConnectFlags{});
    if (!umockdev_testbed_attach_ioctl(testbed, node, handler, nullptr)) return {};
    g_autofree gchar* directory = umockdev_testbed_get_root_dir(testbed);
    return directory;
}

}  // namespace hsm4::bench
