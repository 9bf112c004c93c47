// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One poll loop, no threads. Whoever completes a block first owns the module until the exchange
// ends.
#include "tools/emulator/server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

#include "hsm4/wire/t1.hpp"

namespace hsm4::emulator {

namespace t1 = wire::t1;

namespace {

constexpr std::chrono::seconds silence{1};
constexpr std::size_t most_clients = 64;
constexpr std::size_t most_unsent = 1U << 16;  // a client that asks and never reads
constexpr int idle_timeout_ms = 1000;
constexpr std::chrono::milliseconds control_patience{500};
constexpr std::size_t longest_event = 256;

bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

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
        std::vector<pollfd> ready{{stop_fd, POLLIN, 0}};
        ready.push_back({clients_socket_ ? clients_socket_->fd() : -1, POLLIN, 0});
        ready.push_back({control_socket_ ? control_socket_->fd() : -1, POLLIN, 0});
        const std::size_t fixed = ready.size();
        for (const Client& client : clients_) {
            // While another exchange is under way a client waits, as on a bus.
            const bool turn = owner_ == nullptr || owner_ == &client;
            const int events = (turn ? POLLIN : 0) | (client.unsent.empty() ? 0 : POLLOUT);
            ready.push_back({client.connection.get(), static_cast<short>(events), 0});
        }
        if (::poll(ready.data(), ready.size(), timeout_ms()) < 0 && errno != EINTR)
            return Error{Errc::io, "poll", errno};
        if (ready[0].revents != 0) return ok();
        free_silent_owner();
        std::size_t at = fixed;
        for (auto client = clients_.begin(); client != clients_.end();) {
            const auto next = std::next(client);
            if (ready[at++].revents != 0) serve(client);
            client = next;
        }
        if (ready[1].revents != 0) accept_clients();
        if (ready[2].revents != 0) serve_control_client();
    }
}

int Server::timeout_ms() const {
    if (owner_ == nullptr) return idle_timeout_ms;
    const auto left = owner_->last_block + silence - clock_->now();
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    return ms > 0 ? static_cast<int>(ms) : 0;
}

void Server::accept_clients() {
    for (;;) {
        Descriptor connection = clients_socket_->accept();
        if (!connection) return;
        if (clients_.size() < most_clients)
            clients_.push_back({std::move(connection), {}, {}, clock_->now()});
    }
}

void Server::serve(Clients::iterator client) {
    // A second client may have become ready together with the one that then took the module.
    const bool turn = owner_ == nullptr || owner_ == &*client;
    if (!flush(*client) || (turn && !feed(*client))) drop(client);
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
    if (owner_ == nullptr) device_->end_exchange();
    owner_ = &client;
    client.last_block = clock_->now();
    statistics_.count_write(length);
    auto answer = device_->receive(View{client.unread}.first(length));
    client.unread.erase(client.unread.begin(),
                        client.unread.begin() + static_cast<std::ptrdiff_t>(length));
    if (!answer) return true;
    statistics_.count_block_read(answer->size());
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
    if (owner_ == &*client) {
        device_->end_exchange();
        owner_ = nullptr;
    }
    clients_.erase(client);
}

void Server::free_silent_owner() {
    if (owner_ == nullptr || clock_->now() - owner_->last_block < silence) return;
    device_->end_exchange();
    owner_ = nullptr;
}

void Server::serve_control_client() {
    const Descriptor connection = control_socket_->accept();
    if (!connection) return;
    const auto event = read_event(connection.get());
    const std::string answer = event ? control(*event) : "error no event\n";
    static_cast<void>(::send(connection.get(), answer.data(), answer.size(), MSG_NOSIGNAL));
}

/// "ok TEXT" or "error TEXT", one line.
std::string Server::control(const std::string& event) {
    if (event == "stats") return "ok " + statistics_.to_json(device_->core().statistics()) + '\n';
    if (event == "power-cycle") {
        device_->power_cycle();
        owner_ = nullptr;
        return "ok\n";
    }
    return "error unknown event\n";
}

}  // namespace hsm4::emulator
