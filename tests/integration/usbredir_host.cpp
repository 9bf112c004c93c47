// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// usbredir-host SOCKET: the other end of usbredir, as QEMU is. A line from standard input is done,
// then one line says what came of it:
//
//   control TYPE REQUEST VALUE INDEX LENGTH [HEX]   "ok HEX" or "stall"
//   reset                                           "ok": as when a machine resets its bus
//   wait connect | wait disconnect                  the same word, when the device has done so
//   raw HEX                                         "ok": bytes that are no usbredir packet
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <usbredirparser.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>

#include "hsm4/bytes.hpp"

namespace {

constexpr int patience_ms = 20'000;

/// What has come from the device and was not asked for yet.
struct Host {
    int fd = -1;
    usbredirparser* parser = nullptr;
    bool connected = false;
    std::optional<std::string> answer;
};

[[noreturn]] void give_up(const char* what) {
    std::fprintf(stderr, "usbredir-host: %s\n", what);
    std::_Exit(1);
}

Host& of(void* self) { return *static_cast<Host*>(self); }

int read_some(void* self, std::uint8_t* data, int count) {
    const ssize_t got = ::recv(of(self).fd, data, static_cast<std::size_t>(count), MSG_DONTWAIT);
    if (got == 0) return -1;
    return got < 0 ? (errno == EAGAIN ? 0 : -1) : static_cast<int>(got);
}

int write_some(void* self, std::uint8_t* data, int count) {
    const ssize_t sent = ::send(of(self).fd, data, static_cast<std::size_t>(count), MSG_NOSIGNAL);
    return sent < 0 ? -1 : static_cast<int>(sent);
}

void on_control(void* self, std::uint64_t /*id*/, usb_redir_control_packet_header* header,
                std::uint8_t* data, int size) {
    const hsm4::View bytes{reinterpret_cast<const std::byte*>(data),
                           static_cast<std::size_t>(size)};
    of(self).answer = header->status == usb_redir_success ? "ok " + hsm4::to_hex(bytes) : "stall";
    usbredirparser_free_packet_data(of(self).parser, data);
}

template <class... Arguments>
void ignore(void* /*self*/, Arguments... /*arguments*/) {}

void start(Host& host) {
    host.parser = usbredirparser_create();
    if (host.parser == nullptr) give_up("no memory");
    host.parser->priv = &host;
    host.parser->log_func = [](void*, int level, const char* text) {
        if (level <= usbredirparser_warning) std::fprintf(stderr, "%s\n", text);
    };
    host.parser->read_func = read_some;
    host.parser->write_func = write_some;
    host.parser->hello_func = ignore;
    host.parser->device_connect_func = [](void* self, usb_redir_device_connect_header*) {
        of(self).connected = true;
    };
    host.parser->device_disconnect_func = [](void* self) { of(self).connected = false; };
    host.parser->interface_info_func = ignore;
    host.parser->ep_info_func = ignore;
    host.parser->control_packet_func = on_control;
    std::array<std::uint32_t, USB_REDIR_CAPS_SIZE> capabilities{};
    for (const int capability :
         {usb_redir_cap_connect_device_version, usb_redir_cap_ep_info_max_packet_size,
          usb_redir_cap_64bits_ids, usb_redir_cap_32bits_bulk_length})
        usbredirparser_caps_set_cap(capabilities.data(), capability);
    usbredirparser_init(host.parser, "usbredir-host", capabilities.data(), USB_REDIR_CAPS_SIZE, 0);
}

template <class Condition>
void talk_until(Host& host, Condition done) {
    for (;;) {
        while (usbredirparser_has_data_to_write(host.parser) > 0)
            if (usbredirparser_do_write(host.parser) != 0) give_up("the device hung up");
        if (done()) return;
        pollfd entry{host.fd, POLLIN, 0};
        if (::poll(&entry, 1, patience_ms) <= 0) give_up("no answer");
        if (usbredirparser_do_read(host.parser) != 0) give_up("the device hung up");
    }
}

std::string control(Host& host, std::istream& line) {
    unsigned type = 0;
    unsigned request = 0;
    unsigned value = 0;
    unsigned index = 0;
    unsigned length = 0;
    line >> std::hex >> type >> request >> value >> index >> std::dec >> length;
    std::string hex;
    line >> hex;
    auto data = hsm4::from_hex(hex);
    if (!data) give_up("bad hexadecimal digits");
    usb_redir_control_packet_header header{};
    header.endpoint = static_cast<std::uint8_t>(type & 0x80U);
    header.requesttype = static_cast<std::uint8_t>(type);
    header.request = static_cast<std::uint8_t>(request);
    header.value = static_cast<std::uint16_t>(value);
    header.index = static_cast<std::uint16_t>(index);
    header.length = static_cast<std::uint16_t>(length);
    host.answer.reset();
    usbredirparser_send_control_packet(host.parser, 1, &header,
                                       reinterpret_cast<std::uint8_t*>(data->data()),
                                       static_cast<int>(data->size()));
    talk_until(host, [&] { return host.answer.has_value(); });
    return *host.answer;
}

std::string wait_for(Host& host, const std::string& event) {
    talk_until(host, [&] { return host.connected == (event == "connect"); });
    return event;
}

std::string raw(Host& host, const std::string& hex) {
    auto bytes = hsm4::from_hex(hex);
    if (!bytes || ::send(host.fd, bytes->data(), bytes->size(), MSG_NOSIGNAL) < 0)
        give_up("raw bytes");
    return "ok";
}

std::string obey(Host& host, const std::string& text) {
    std::istringstream line{text};
    std::string verb;
    line >> verb;
    if (verb == "control") return control(host, line);
    std::string argument;
    line >> argument;
    if (verb == "wait") return wait_for(host, argument);
    if (verb == "raw") return raw(host, argument);
    if (verb != "reset") give_up("unknown command");
    usbredirparser_send_reset(host.parser);
    talk_until(host, [] { return true; });
    return "ok";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) give_up("usage: usbredir-host SOCKET");
    Host host;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string{argv[1]}.copy(&address.sun_path[0], sizeof(address.sun_path) - 1);
    host.fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(host.fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
        give_up("nobody serves the socket");
    start(host);
    talk_until(host, [] { return true; });  // sends our hello
    for (std::string line; std::getline(std::cin, line);)
        std::cout << obey(host, line) << std::endl;
    usbredirparser_destroy(host.parser);
    ::close(host.fd);
    return 0;
}
