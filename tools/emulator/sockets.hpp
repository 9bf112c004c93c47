// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Unix sockets of the emulator: private, announced when ready, removed at the end.
#pragma once

#include <string>

#include "hsm4/files.hpp"
#include "hsm4/result.hpp"

namespace hsm4::emulator {

/// A listening socket (mode 0600) that removes its path when it dies.
class Listener {
public:
    /// Replaces a stale socket. Refuses to replace one that somebody serves, or a file that is no
    /// socket.
    static Result<Listener> open(const std::string& path);
    Listener(Listener&& other) noexcept = default;
    Listener& operator=(Listener&& other) = delete;
    ~Listener();

    int fd() const noexcept { return socket_.get(); }
    /// A non-blocking connection; an invalid descriptor when nobody waits.
    Descriptor accept() const;

private:
    Listener(std::string path, Descriptor socket);

    std::string path_;
    Descriptor socket_;
};

/// A connection to `path`; `no_device` when nobody serves it.
Result<Descriptor> connect_to(const std::string& path);

}  // namespace hsm4::emulator
