// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The emulator's loop: clients on the unix socket, virtual machines on the USB socket, and the
// control socket.
#pragma once

#include <poll.h>

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "tools/emulator/module_clock.hpp"
#include "tools/emulator/shared_module.hpp"
#include "tools/emulator/sockets.hpp"
#include "tools/emulator/usb_redirection.hpp"

namespace hsm4::emulator {

class Server {
public:
    /// `address` is the module's on the I2C bus behind the USB adapter.
    Server(device::Device& device, ModuleClock& clock, std::uint8_t address)
        : clock_{&clock},
          module_{device, clock},
          target_{module_, clock, address},
          adapter_{target_} {}
    Server(const Server&) = delete;  // its parts hold each other's addresses
    Server& operator=(const Server&) = delete;
    ~Server() = default;

    /// At least one listener must be set before run().
    void serve_clients(Listener listener) { clients_socket_.emplace(std::move(listener)); }
    void serve_usb(Listener listener) { usb_socket_.emplace(std::move(listener)); }
    void serve_control(Listener listener) { control_socket_.emplace(std::move(listener)); }

    /// Until `stop_fd` becomes readable. `io` when the loop itself fails.
    Status run(int stop_fd);

private:
    struct Client {
        Descriptor connection;
        Bytes unread;  ///< received, not yet a whole block
        Bytes unsent;  ///< answers that the client has not taken yet
    };
    using Clients = std::list<Client>;

    std::vector<pollfd> watched(int stop_fd) const;
    void serve_ready(const std::vector<pollfd>& ready);
    void accept_clients();
    void accept_machine();
    void serve(Clients::iterator client, short events);
    bool feed(Client& client);
    bool take_block(Client& client);
    static bool flush(Client& client);
    void drop(Clients::iterator client);
    void serve_control_client();
    std::string control(const std::string& event);
    Status power_cycle();
    void plug(bool plugged);
    int timeout_ms() const;

    ModuleClock* clock_;
    SharedModule module_;
    I2cTarget target_;
    UsbAdapter adapter_;
    bool plugged_ = true;
    std::optional<Listener> usb_socket_;
    std::optional<UsbRedirection> machine_;  ///< the one that the adapter is plugged into
    std::optional<Listener> clients_socket_;
    std::optional<Listener> control_socket_;
    Clients clients_;
};

}  // namespace hsm4::emulator
