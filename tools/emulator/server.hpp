// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The emulator's loop: clients on the unix socket, one exchange at a time, and the control socket.
#pragma once

#include <list>
#include <optional>
#include <string>

#include "hsm4/clock.hpp"
#include "hsm4/device/device.hpp"
#include "tools/emulator/bus_statistics.hpp"
#include "tools/emulator/sockets.hpp"

namespace hsm4::emulator {

class Server {
public:
    Server(device::Device& device, Clock& clock) : device_{&device}, clock_{&clock} {}

    /// At least one listener must be set before run().
    void serve_clients(Listener listener) { clients_socket_.emplace(std::move(listener)); }
    void serve_control(Listener listener) { control_socket_.emplace(std::move(listener)); }

    /// Until `stop_fd` becomes readable. `io` when the loop itself fails.
    Status run(int stop_fd);

private:
    struct Client {
        Descriptor connection;
        Bytes unread;  ///< received, not yet a whole block
        Bytes unsent;  ///< answers that the client has not taken yet
        Clock::Time last_block;
    };
    using Clients = std::list<Client>;

    void accept_clients();
    void serve(Clients::iterator client);
    bool feed(Client& client);
    bool take_block(Client& client);
    static bool flush(Client& client);
    void drop(Clients::iterator client);
    void free_silent_owner();
    void serve_control_client();
    std::string control(const std::string& event);
    int timeout_ms() const;

    device::Device* device_;
    Clock* clock_;
    std::optional<Listener> clients_socket_;
    std::optional<Listener> control_socket_;
    Clients clients_;
    Client* owner_ = nullptr;  ///< whose exchange is under way
    BusStatistics statistics_;
};

}  // namespace hsm4::emulator
