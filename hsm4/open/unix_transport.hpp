// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Frames over a unix stream socket: the way to a module in software.
//
//   closed --acquire (connect)--> connected --release, or a fault--> closed
//
// Each exchange is a connection of its own, so both ends start with fresh link state.
#pragma once

#include <string>

#include "hsm4/files.hpp"
#include "hsm4/open/transport.hpp"

namespace hsm4::open {

/// `no_device` when no such socket exists or nobody listens; `bus` when the module hangs up.
class UnixTransport final : public Transport {
public:
    UnixTransport(std::string path, Clock& clock) : path_{std::move(path)}, clock_{&clock} {}

    Status acquire(const Deadline& deadline) override;
    void release() noexcept override { socket_.close(); }
    Status write(View frame, const Deadline& deadline) override;
    Result<Bytes> read(const Deadline& deadline) override;
    void reset() noexcept override;
    bool is_shared_bus() const noexcept override { return false; }

private:
    Status fill(std::span<std::byte> out, const Deadline& deadline);
    Status wait_for(short events, const Deadline& deadline) const;

    std::string path_;
    Clock* clock_;
    Descriptor socket_;
};

}  // namespace hsm4::open
