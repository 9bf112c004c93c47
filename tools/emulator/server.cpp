// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One poll loop, no threads.
#include "tools/emulator/server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

#include "hsm4/wire/t1.hpp"
#include "tools/emulator/control.hpp"

namespace hsm4::emulator {

namespace t1 = wire::t1;

namespace {

constexpr std::size_t most_clients = 64;
constexpr std::size_t most_unsent = 1U << 16;  // a client that asks and never reads
constexpr int idle_timeout_ms = 1000;
constexpr std::chrono::milliseconds control_patience{500};
constexpr std::size_t longest_event = 256;

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// Places in the list of what is waited for.
constexpr std::size_t at_stop = 0;
constexpr std::size_t at_clients = 1;
constexpr std::size_t at_control = 2;
constexpr std::size_t at_usb = 3;
constexpr std::size_t at_machine = 4;
constexpr std::size_t at_first_client = 5;

/// One line from a control client, or nothing when it does not come in time.
std::optional<std::string> read_event(int fd) {
    std::string line;
    while (line.size() < longest_event) {
        pollfd ready{fd, POLLIN, 0};
        if (::poll(&ready, 1, static_cast<int>(control_patience.count())) <= 0) return std::nullopt;
        char letter = 0;
        if (::recv(fd, &letter, 1, 0) != 1) return std::nullopt;
        if (letter == '\n') return line;
        line += letter;
    }
    return std::nullopt;
}

}  // namespace

Status Server::run(int stop_fd) {
    for (;;) {
        std::vector<pollfd> ready = watched(stop_fd);
        if (::poll(ready.data(), ready.size(), timeout_ms()) < 0 && errno != EINTR)
            return Error{Errc::io, "poll", errno};
        if (ready[at_stop].revents != 0) return ok();
        serve_ready(ready);
    }
}

/// What to wait for, in the order of the at_… numbers, then each client.
std::vector<pollfd> Server::watched(int stop_fd) const {
    const auto listening = [](const std::optional<Listener>& listener) {
        return pollfd{listener ? listener->fd() : -1, POLLIN, 0};
    };
    const int usb_events = POLLIN | (machine_ && machine_->wants_to_write() ? POLLOUT : 0);
    std::vector<pollfd> all{
        {stop_fd, POLLIN, 0},
        listening(clients_socket_),
        listening(control_socket_),
        listening(usb_socket_),
        {machine_ ? machine_->fd() : -1, static_cast<short>(usb_events), 0},
    };
    for (const Client& client : clients_) {
        // While another exchange is under way a client waits, as on a bus.
        const bool turn = module_.is_free_for(&client);
        const int events = (turn ? POLLIN : 0) | (client.unsent.empty() ? 0 : POLLOUT);
        all.push_back({client.connection.get(), static_cast<short>(events), 0});
    }
    return all;
}

void Server::serve_ready(const std::vector<pollfd>& ready) {
    module_.tick();
    module_.end_silent_exchange();
    std::size_t at = at_first_client;
    for (auto client = clients_.begin(); client != clients_.end();) {
        const auto next = std::next(client);
        if (const short events = ready[at++].revents; events != 0) serve(client, events);
        client = next;
    }
    if (ready[at_machine].revents != 0 && !machine_->serve()) machine_.reset();
    if (ready[at_clients].revents != 0) accept_clients();
    if (ready[at_control].revents != 0) serve_control_client();
    if (ready[at_usb].revents != 0) accept_machine();
}

int Server::timeout_ms() const {
    const auto left = module_.until_silent();
    if (!left) return idle_timeout_ms;
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(*left).count());
}

void Server::accept_clients() {
    for (;;) {
        Descriptor connection = clients_socket_->accept();
        if (!connection) return;
        if (plugged_ && clients_.size() < most_clients)
            clients_.push_back({std::move(connection), {}, {}});
    }
}

/// An adapter is in one machine at a time: another one is turned away.
void Server::accept_machine() {
    Descriptor connection = usb_socket_->accept();
    if (connection && !machine_) machine_.emplace(std::move(connection), adapter_, plugged_);
}

void Server::serve(Clients::iterator client, short events) {
    // A second client may have become ready together with the one that then took the module.
    const bool turn = module_.is_free_for(&*client);
    // Nobody waits for the answers of one that hung up before its turn; and poll, which reports
    // that without being asked, would report it again and again.
    const bool gone = !turn && (events & (POLLHUP | POLLERR | POLLNVAL)) != 0;
    if (gone || !flush(*client) || (turn && !feed(*client))) drop(client);
}

/// Reads what is there and executes whole blocks. False when the client is gone or not worth
/// keeping.
bool Server::feed(Client& client) {
    std::array<std::byte, 4096> chunk{};
    const ssize_t got = ::recv(client.connection.get(), chunk.data(), chunk.size(), 0);
    if (got < 0) return would_block();
    if (got == 0) return false;
    append(client.unread, View{chunk}.first(static_cast<std::size_t>(got)));
    while (take_block(client)) {
    }
    return client.unsent.size() <= most_unsent && flush(client);
}

/// Executes one block, if it is there as a whole.
bool Server::take_block(Client& client) {
    if (client.unread.size() < t1::head_size) return false;
    auto size = t1::frame_size(client.unread);
    // A length that cannot be leaves no way to find the next block: all that came is one damaged
    // block.
    const std::size_t length = size ? *size : client.unread.size();
    if (client.unread.size() < length) return false;
    module_.statistics().count_write(length);
    auto answer = module_.receive(&client, View{client.unread}.first(length));
    client.unread.erase(client.unread.begin(),
                        client.unread.begin() + static_cast<std::ptrdiff_t>(length));
    if (!answer) return true;
    module_.statistics().count_block_read(answer->size());
    append(client.unsent, *answer);
    return true;
}

bool Server::flush(Client& client) {
    while (!client.unsent.empty()) {
        const ssize_t sent = ::send(client.connection.get(), client.unsent.data(),
                                    client.unsent.size(), MSG_NOSIGNAL);
        if (sent < 0) return would_block();
        client.unsent.erase(client.unsent.begin(),
                            client.unsent.begin() + static_cast<std::ptrdiff_t>(sent));
    }
    return true;
}

void Server::drop(Clients::iterator client) {
    module_.leave(&*client);
    clients_.erase(client);
}

void Server::serve_control_client() {
    const Descriptor connection = control_socket_->accept();
    if (!connection) return;
    const auto event = read_event(connection.get());
    const std::string answer = event ? control(*event) : "error no event\n";
    static_cast<void>(::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
}

/// "ok", "ok TEXT" or "error TEXT", one line.
std::string Server::control(const std::string& event) {
    if (event == "power-cycle")
        return power_cycle() ? "ok\n" : "error the module's memory failed\n";
    if (event == "unplug" || event == "plug") {
        plug(event == "plug");
        return "ok\n";
    }
    return obey(event, module_, *clock_);
}

Status Server::power_cycle() {
    target_.power_cycle();
    return module_.power_cycle();
}

/// Out of its socket and back: without power, and unreachable by any way in between.
void Server::plug(bool plugged) {
    if (plugged_ == plugged) return;
    plugged_ = plugged;
    if (plugged) {
        if (machine_) machine_->plug();
        return;
    }
    static_cast<void>(power_cycle());
    clients_.clear();
    if (machine_) machine_->unplug();
}

}  // namespace hsm4::emulator
