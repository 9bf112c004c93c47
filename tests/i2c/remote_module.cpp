// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Blocks over the emulator's unix socket. It keeps one connection: a bus has no end.
#include "tests/i2c/remote_module.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <utility>

#include "hsm4/wire/t1.hpp"

namespace hsm4::bench {

namespace t1 = wire::t1;

namespace {

Descriptor connect_to(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return {};
    std::memcpy(address.sun_path, path.data(), path.size());
    Descriptor connection{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(connection.get(), generic, sizeof address) != 0) return {};
    return connection;
}

/// The module answers every block but a response.
bool gets_an_answer(View frame) {
    const auto block = t1::decode(frame);
    const auto pcb = block ? t1::parse_pcb(block->pcb) : Result<t1::Pcb>{block.error()};
    return !pcb || pcb->kind != t1::Pcb::Kind::response;
}

}  // namespace

void RemoteModule::receive(View frame) {
    unread_.clear();
    if (!connection_) connection_ = connect_to(socket_);
    // A block of which a part is missing would make the stream wait for the rest: its length tells
    // the module that it was damaged.
    const bool whole = t1::frame_size(frame) && *t1::frame_size(frame) == frame.size();
    Bytes sent{frame.begin(), frame.end()};
    if (!whole) sent = *t1::encode({0, 0, {}});
    ::send(connection_.get(), sent.data(), sent.size(), MSG_NOSIGNAL);
    awaited_ = gets_an_answer(sent);
}

std::optional<Bytes> RemoteModule::answer() {
    if (!awaited_) return Bytes{};
    Array<512> chunk{};
    const ssize_t got = ::recv(connection_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (got == 0) connection_.close();  // the next block makes a new one
    if (got > 0) append(unread_, View{chunk}.first(static_cast<std::size_t>(got)));
    if (unread_.size() < t1::overhead || unread_.size() < *t1::frame_size(unread_))
        return std::nullopt;
    awaited_ = false;
    return std::exchange(unread_, {});
}

void RemoteModule::power_cycle() {
    const Descriptor control = connect_to(control_);
    constexpr std::string_view event = "power-cycle\n";
    ::send(control.get(), event.data(), event.size(), MSG_NOSIGNAL);
    Array<16> answer{};
    ::recv(control.get(), answer.data(), answer.size(), 0);
    connection_.close();
    awaited_ = false;
    unread_.clear();
}

}  // namespace hsm4::bench
