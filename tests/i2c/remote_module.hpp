// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A running hsm4-emulator as the module behind a bus.
#pragma once

#include <string>

#include "hsm4/files.hpp"
#include "tests/i2c/target.hpp"

namespace hsm4::bench {

class RemoteModule final : public BlockModule {
public:
    /// Sockets of the emulator: for blocks, and for events.
    RemoteModule(std::string socket, std::string control)
        : socket_{std::move(socket)}, control_{std::move(control)} {}

    void receive(View frame) override;
    std::optional<Bytes> answer() override;
    void power_cycle() override;

private:
    std::string socket_;
    std::string control_;
    Descriptor connection_;
    bool awaited_ = false;
    Bytes unread_;
};

}  // namespace hsm4::bench
