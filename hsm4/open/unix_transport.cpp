// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Frames over a unix stream socket.
#include "hsm4/open/unix_transport.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <climits>

#include "hsm4/wire/t1.hpp"

namespace hsm4::open {

namespace t1 = wire::t1;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_frame = t1::default_ifs + t1::overhead;

Error hung_up() { return Error{Errc::bus, "the module hung up"}; }

/// Transient errors of a non-blocking socket.
bool is_transient(int code) noexcept {
    return code == EAGAIN || code == EWOULDBLOCK || code == EINTR;
}

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        return Error{Errc::usage, "length of the socket's path"};
    path.copy(&address.sun_path[0], path.size());
    return address;
}

Error connect_error(int code) {
    switch (code) {
        case ENOENT:
        case ENOTDIR:
        case ECONNREFUSED:
        case ENOTSOCK:
        case EPROTOTYPE: return Error{Errc::no_device, "socket of the module", code};
        default: return Error{Errc::io, "connecting to the module's socket", code};
    }
}

/// poll()'s time, rounded up, so that no wait ends before its deadline.
int poll_time(const Deadline& deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left()).count();
    return static_cast<int>(std::min<decltype(left)>(left, INT_MAX));
}

}  // namespace

Status UnixTransport::acquire(const Deadline& deadline) {
    auto address = address_of(path_);
    if (!address) return address.error();
    socket_ = Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!socket_) return Error{Errc::io, "socket", errno};
    // The sockets API takes every kind of address by this one pointer type.
    const auto* generic = reinterpret_cast<const sockaddr*>(&*address);
    while (::connect(socket_.get(), generic, sizeof *address) != 0) {
        const int code = errno;
        if (code == EISCONN) break;
        if (!is_transient(code)) {
            release();
            return connect_error(code);
        }
        // EAGAIN: the queue of those who wait for the module is full
        if (deadline.expired()) {
            release();
            return Error{Errc::timeout, "the queue of the module's clients"};
        }
        clock_->sleep(5ms);
    }
    return ok();
}

Status UnixTransport::wait_for(short events, const Deadline& deadline) const {
    for (;;) {
        pollfd entry{socket_.get(), events, 0};
        const int ready = ::poll(&entry, 1, poll_time(deadline));
        if (ready > 0) return ok();
        if (ready < 0 && errno != EINTR) return Error{Errc::io, "poll", errno};
        if (ready == 0 || deadline.expired()) return Error{Errc::timeout, "the module's answer"};
    }
}

Status UnixTransport::write(View frame, const Deadline& deadline) {
    while (!frame.empty()) {
        if (!socket_) return hung_up();
        const ssize_t sent =
            ::send(socket_.get(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && !is_transient(errno)) {
            release();
            return hung_up();
        }
        if (sent < 0) {
            if (Status ready = wait_for(POLLOUT, deadline); !ready) return ready.error();
            continue;
        }
        frame = frame.subspan(static_cast<std::size_t>(sent));
    }
    return ok();
}

Status UnixTransport::fill(std::span<std::byte> out, const Deadline& deadline) {
    while (!out.empty()) {
        if (!socket_) return hung_up();
        const ssize_t got = ::recv(socket_.get(), out.data(), out.size(), MSG_DONTWAIT);
        if (got == 0 || (got < 0 && !is_transient(errno))) {
            release();
            return hung_up();
        }
        if (got < 0) {
            if (Status ready = wait_for(POLLIN, deadline); !ready) return ready.error();
            continue;
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return ok();
}

Result<Bytes> UnixTransport::read(const Deadline& deadline) {
    Bytes frame(t1::overhead);
    if (Status done = fill(frame, deadline); !done) return done.error();
    auto size = t1::frame_size(frame);
    if (!size) return size.error();
    if (*size > longest_frame) return Error{Errc::malformed, "length of a block"};
    frame.resize(*size);
    Status done = fill(std::span{frame}.subspan(t1::overhead), deadline);
    if (!done) return done.error();
    return frame;
}

/// What is in the socket's buffer belongs to the frame that was given up.
void UnixTransport::reset() noexcept {
    Array<512> dropped;
    while (socket_ && ::recv(socket_.get(), dropped.data(), dropped.size(), MSG_DONTWAIT) > 0) {
    }
}

}  // namespace hsm4::open
