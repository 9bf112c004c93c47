// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Unix sockets with care for what already lies at their path.
#include "tools/emulator/sockets.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hsm4::emulator {

namespace {

constexpr int backlog = 16;

Error failed(const char* where) { return Error{Errc::io, where, errno}; }

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path))
        return Error{Errc::io, "socket path", ENAMETOOLONG};
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

/// Removes a socket that nobody serves; anything else at `path` stays, and is an error.
Status make_room(const std::string& path) {
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0) return ok();
    if (!S_ISSOCK(status.st_mode)) return Error{Errc::io, "socket path", EEXIST};
    if (connect_to(path)) return Error{Errc::io, "socket path", EADDRINUSE};
    if (::unlink(path.c_str()) != 0) return failed("stale socket");
    return ok();
}

}  // namespace

Listener::Listener(std::string path, Descriptor socket)
    : path_{std::move(path)}, socket_{std::move(socket)} {}

Listener::~Listener() {
    if (socket_) ::unlink(path_.c_str());
}

Result<Listener> Listener::open(const std::string& path) {
    auto address = address_of(path);
    if (!address) return address.error();
    if (Status free = make_room(path); !free) return free.error();
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (!socket) return failed("socket");
    // The mode must be right from the first instant, not after a chmod.
    const mode_t before = ::umask(0177);
    const int bound = ::bind(socket.get(), generic(*address), sizeof(*address));
    ::umask(before);
    if (bound != 0) return failed("socket path");
    Listener listener{path, std::move(socket)};
    if (::listen(listener.fd(), backlog) != 0) return failed("socket");
    return listener;
}

Descriptor Listener::accept() const {
    return Descriptor{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
}

Result<Descriptor> connect_to(const std::string& path) {
    auto address = address_of(path);
    if (!address) return address.error();
    Descriptor socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket) return failed("socket");
    if (::connect(socket.get(), generic(*address), sizeof(*address)) != 0)
        return Error{Errc::no_device, "emulator's socket"};
    return socket;
}

}  // namespace hsm4::emulator
