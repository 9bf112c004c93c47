// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// libusbredirparser's callbacks.
#include "tools/emulator/usb_redirection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <iterator>

namespace hsm4::emulator {

namespace {

constexpr std::uint64_t most_unsent = 1U << 20U;  // a peer that asks and never reads
constexpr std::uint8_t direction_in = 0x80;
constexpr std::size_t control_in = 16;  // endpoints: 0-15 out, 16-31 in

int transferred(ssize_t count) {
    if (count >= 0) return static_cast<int>(count);
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

usb_redir_ep_info_header endpoints() {
    usb_redir_ep_info_header info{};
    std::fill(std::begin(info.type), std::end(info.type), usb_redir_type_invalid);
    for (const std::size_t control : {std::size_t{0}, control_in}) {
        info.type[control] = usb_redir_type_control;
        info.max_packet_size[control] = UsbAdapter::packet_size;
    }
    return info;
}

usb_redir_device_connect_header device() {
    usb_redir_device_connect_header header{};
    header.speed = usb_redir_speed_full;
    header.device_class = UsbAdapter::vendor_class;
    header.vendor_id = UsbAdapter::vendor_id;
    header.product_id = UsbAdapter::product_id;
    header.device_version_bcd = UsbAdapter::version_bcd;
    return header;
}

void announce(usbredirparser* parser) {
    usb_redir_interface_info_header interface {};
    interface.interface_count = 1;
    interface.interface_class[0] = UsbAdapter::vendor_class;
    usbredirparser_send_interface_info(parser, &interface);
    auto info = endpoints();
    usbredirparser_send_ep_info(parser, &info);
    auto header = device();
    usbredirparser_send_device_connect(parser, &header);
}

/// What needs no answer: a reset of the bus, or an end to what was never begun.
template <class... Arguments>
void ignore(void* /*self*/, Arguments... /*arguments*/) {}

}  // namespace

/// `self` is the UsbRedirection. Buffers that come in are ours to free.
struct UsbRedirection::Callbacks {
    static UsbRedirection& of(void* self) { return *static_cast<UsbRedirection*>(self); }

    static void log(void* /*self*/, int level, const char* text) {
        if (level <= usbredirparser_error)
            std::fprintf(stderr, "hsm4-emulator: usbredir: %s\n", text);
    }

    static int read(void* self, std::uint8_t* data, int count) {
        const ssize_t got = ::recv(of(self).fd(), data, static_cast<std::size_t>(count), 0);
        return got == 0 ? -1 : transferred(got);  // an end is an error to the parser
    }

    static int write(void* self, std::uint8_t* data, int count) {
        return transferred(
            ::send(of(self).fd(), data, static_cast<std::size_t>(count), MSG_NOSIGNAL));
    }

    static void hello(void* self, usb_redir_hello_header* /*peer*/) {
        UsbRedirection& connection = of(self);
        connection.greeted_ = true;
        if (connection.plugged_) announce(connection.parser_.get());
    }

    static void get_configuration(void* self, std::uint64_t id) {
        usb_redir_configuration_status_header status{};
        status.status = usb_redir_success;
        status.configuration = UsbAdapter::configuration;
        usbredirparser_send_configuration_status(of(self).parser_.get(), id, &status);
    }

    static void set_configuration(void* self, std::uint64_t id,
                                  usb_redir_set_configuration_header* /*the only one*/) {
        get_configuration(self, id);
    }

    static void send_alt_setting(void* self, std::uint64_t id, std::uint8_t interface) {
        usb_redir_alt_setting_status_header status{};
        status.status = interface == 0 ? usb_redir_success : usb_redir_inval;
        status.interface = interface;
        usbredirparser_send_alt_setting_status(of(self).parser_.get(), id, &status);
    }

    static void get_alt_setting(void* self, std::uint64_t id,
                                usb_redir_get_alt_setting_header* header) {
        send_alt_setting(self, id, header->interface);
    }

    static void set_alt_setting(void* self, std::uint64_t id,
                                usb_redir_set_alt_setting_header* header) {
        send_alt_setting(self, id, header->interface);
    }

    static void control(void* self, std::uint64_t id, usb_redir_control_packet_header* header,
                        std::uint8_t* data, int size) {
        UsbRedirection& connection = of(self);
        const UsbSetup setup{header->requesttype, header->request, header->value, header->index,
                             header->length};
        const View sent{reinterpret_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
        auto answer = connection.adapter_->control(setup, sent);
        usbredirparser_free_packet_data(connection.parser_.get(), data);
        header->status = answer ? usb_redir_success : usb_redir_stall;
        Bytes back = answer && (header->requesttype & direction_in) != 0 ? *answer : Bytes{};
        if (!answer || !back.empty() || (header->requesttype & direction_in) != 0)
            header->length = static_cast<std::uint16_t>(back.size());
        usbredirparser_send_control_packet(connection.parser_.get(), id, header,
                                           reinterpret_cast<std::uint8_t*>(back.data()),
                                           static_cast<int>(back.size()));
    }

    template <class Header>
    static void refuse_data(void* self, std::uint64_t /*id*/, Header* /*header*/,
                            std::uint8_t* data, int /*size*/) {
        usbredirparser_free_packet_data(of(self).parser_.get(), data);
        of(self).broken_ = true;
    }

    template <class... Arguments>
    static void refuse(void* self, Arguments... /*arguments*/) {
        of(self).broken_ = true;
    }

    static void refuse_filter(void* self, usbredirfilter_rule* rules, int /*count*/) {
        std::free(rules);  // NOLINT: allocated by the C library we are called from
        of(self).broken_ = true;
    }

    static void set(usbredirparser& parser);
};

void UsbRedirection::Callbacks::set(usbredirparser& parser) {
    parser.log_func = log;
    parser.read_func = read;
    parser.write_func = write;
    parser.hello_func = hello;
    parser.reset_func = ignore;
    parser.set_configuration_func = set_configuration;
    parser.get_configuration_func = get_configuration;
    parser.set_alt_setting_func = set_alt_setting;
    parser.get_alt_setting_func = get_alt_setting;
    parser.control_packet_func = control;
    parser.cancel_data_packet_func = ignore;  // all were answered at once
    parser.filter_reject_func = ignore;
    parser.filter_filter_func = refuse_filter;
    parser.device_disconnect_ack_func = ignore;
    // There are no endpoints besides control.
    parser.start_iso_stream_func = refuse;
    parser.stop_iso_stream_func = refuse;
    parser.start_interrupt_receiving_func = refuse;
    parser.stop_interrupt_receiving_func = refuse;
    parser.start_bulk_receiving_func = refuse;
    parser.stop_bulk_receiving_func = refuse;
    parser.alloc_bulk_streams_func = refuse;
    parser.free_bulk_streams_func = refuse;
    parser.bulk_packet_func = refuse_data;
    parser.iso_packet_func = refuse_data;
    parser.interrupt_packet_func = refuse_data;
    parser.buffered_bulk_packet_func = refuse_data;
}

UsbRedirection::UsbRedirection(Descriptor socket, UsbAdapter& adapter, bool plugged)
    : socket_{std::move(socket)},
      adapter_{&adapter},
      parser_{usbredirparser_create()},
      plugged_{plugged} {
    if (!parser_) return;
    parser_->priv = this;
    Callbacks::set(*parser_);
    std::array<std::uint32_t, USB_REDIR_CAPS_SIZE> capabilities{};
    for (const int capability :
         {usb_redir_cap_connect_device_version, usb_redir_cap_ep_info_max_packet_size,
          usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length})
        usbredirparser_caps_set_cap(capabilities.data(), capability);
    usbredirparser_init(parser_.get(), "hsm4-emulator " HSM4_VERSION, capabilities.data(),
                        USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
}

bool UsbRedirection::wants_to_write() const {
    return parser_ && usbredirparser_has_data_to_write(parser_.get()) > 0;
}

bool UsbRedirection::serve() {
    if (!parser_ || usbredirparser_do_read(parser_.get()) != 0 || broken_) return false;
    if (wants_to_write() && usbredirparser_do_write(parser_.get()) != 0) return false;
    return usbredirparser_get_bufferered_output_size(parser_.get()) <= most_unsent;
}

void UsbRedirection::plug() {
    if (std::exchange(plugged_, true) || !greeted_) return;
    announce(parser_.get());
}

void UsbRedirection::unplug() {
    if (!std::exchange(plugged_, false) || !greeted_) return;
    usbredirparser_send_device_disconnect(parser_.get());
}

}  // namespace hsm4::emulator
