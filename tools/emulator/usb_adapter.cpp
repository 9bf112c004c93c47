// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Descriptors, and the requests of Linux's driver i2c-tiny-usb.
#include "tools/emulator/usb_adapter.hpp"

#include <linux/i2c.h>
#include <linux/usb/ch9.h>

#include <string_view>

namespace hsm4::emulator {

namespace {

// Vendor requests.
constexpr std::uint8_t echo = 0;
constexpr std::uint8_t get_functionality = 1;
constexpr std::uint8_t set_delay = 2;
constexpr std::uint8_t get_status = 3;
// 4 to 7: a transfer; bit 0 says that it begins, bit 1 that it ends, an ioctl's row of messages.
constexpr std::uint8_t first_transfer = 4;
constexpr std::uint8_t last_transfer = 7;

constexpr std::uint32_t functionality = I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
constexpr std::uint16_t highest_address = 0x7f;

constexpr std::uint16_t us_english = 0x0409;
constexpr std::uint8_t manufacturer = 1;
constexpr std::uint8_t product = 2;
constexpr std::uint8_t max_power = 50;  // of 2 mA each

/// USB is little-endian.
class LittleEndian {
public:
    LittleEndian& u8(unsigned value) {
        bytes_.push_back(static_cast<std::byte>(value));
        return *this;
    }
    LittleEndian& u16(unsigned value) { return u8(value & 0xffU).u8(value >> 8U); }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

Bytes device_descriptor() {
    LittleEndian out;
    out.u8(USB_DT_DEVICE_SIZE).u8(USB_DT_DEVICE).u16(0x0110);
    out.u8(UsbAdapter::vendor_class).u8(0).u8(0).u8(UsbAdapter::packet_size);
    out.u16(UsbAdapter::vendor_id).u16(UsbAdapter::product_id).u16(UsbAdapter::version_bcd);
    out.u8(manufacturer).u8(product).u8(0).u8(1);  // no serial number, one configuration
    return out.take();
}

Bytes configuration_descriptor() {
    LittleEndian out;
    out.u8(USB_DT_CONFIG_SIZE).u8(USB_DT_CONFIG).u16(USB_DT_CONFIG_SIZE + USB_DT_INTERFACE_SIZE);
    out.u8(1).u8(UsbAdapter::configuration).u8(0).u8(USB_CONFIG_ATT_ONE).u8(max_power);
    out.u8(USB_DT_INTERFACE_SIZE).u8(USB_DT_INTERFACE).u8(0).u8(0).u8(0);  // no endpoints
    out.u8(UsbAdapter::vendor_class).u8(0).u8(0).u8(0);
    return out.take();
}

Bytes string_descriptor(std::string_view text) {
    LittleEndian out;
    out.u8(static_cast<unsigned>(2 + 2 * text.size())).u8(USB_DT_STRING);
    for (const char letter : text) out.u16(static_cast<unsigned char>(letter));  // ASCII only
    return out.take();
}

std::optional<Bytes> descriptor(unsigned type, unsigned number) {
    if (type == USB_DT_DEVICE) return device_descriptor();
    if (type == USB_DT_CONFIG && number == 0) return configuration_descriptor();
    if (type != USB_DT_STRING) return std::nullopt;
    switch (number) {
        case 0: return LittleEndian{}.u8(4).u8(USB_DT_STRING).u16(us_english).take();
        case manufacturer: return string_descriptor("hsm4-emulator");
        case product: return string_descriptor("i2c-tiny-usb with a software HSM4");
        default: return std::nullopt;
    }
}

std::optional<Bytes> standard(const UsbSetup& setup) {
    switch (setup.request) {
        case USB_REQ_GET_DESCRIPTOR: return descriptor(setup.value >> 8U, setup.value & 0xffU);
        case USB_REQ_GET_STATUS: return Bytes(2);
        default: return std::nullopt;
    }
}

}  // namespace

std::optional<Bytes> UsbAdapter::control(const UsbSetup& setup, View data) {
    const bool is_vendor = (setup.request_type & USB_TYPE_MASK) == USB_TYPE_VENDOR;
    auto answer = is_vendor ? vendor(setup, data) : standard(setup);
    if (answer && answer->size() > setup.length) answer->resize(setup.length);
    return answer;
}

std::optional<Bytes> UsbAdapter::vendor(const UsbSetup& setup, View data) {
    switch (setup.request) {
        case echo: return LittleEndian{}.u16(setup.value).take();
        case get_functionality:
            return LittleEndian{}.u16(functionality & 0xffffU).u16(functionality >> 16U).take();
        case set_delay: return Bytes{};  // microseconds of half a clock: nothing to slow down here
        case get_status: return Bytes{static_cast<std::byte>(status_)};
        default: return transfer(setup, data);
    }
}

/// A transfer that nobody acknowledges succeeds on USB; the driver asks for the status afterwards.
std::optional<Bytes> UsbAdapter::transfer(const UsbSetup& setup, View data) {
    if (setup.request < first_transfer || setup.request > last_transfer) return std::nullopt;
    const bool known = setup.index <= highest_address && (setup.value & I2C_M_TEN) == 0;
    const auto address = static_cast<std::uint8_t>(setup.index);
    const bool is_read = (setup.request_type & USB_DIR_IN) != 0;
    std::optional<Bytes> answer;
    if (known && is_read) answer = target_->read(address, setup.length);
    if (known && !is_read && target_->write(address, data)) answer.emplace();
    status_ = answer ? Status::acknowledged : Status::not_acknowledged;
    return answer ? std::move(answer) : Bytes(is_read ? setup.length : 0);
}

}  // namespace hsm4::emulator
