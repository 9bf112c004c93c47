// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The whole module behind its link: frames in, frames out. No input or output of its own, no
// threads.
#pragma once

#include <optional>

#include "hsm4/device/core.hpp"
#include "hsm4/device/link.hpp"
#include "hsm4/device/services.hpp"
#include "hsm4/wire/noise.hpp"

namespace hsm4::device {

class Device {
public:
    /// `memory` and `clock` outlive the device.
    static Result<Device> start(State state, NonVolatile& memory, Clock& clock);

    /// One frame from the host (its raw bytes), at most one back.
    std::optional<Bytes> receive(View frame);
    /// The host has gone: link and channel are as fresh. receive() does so by itself after a second
    /// of silence.
    void end_exchange();
    Status power_cycle();
    /// Notices what only time brings about. To be called at least once a second.
    Status tick() { return core_.tick(); }
    LedPattern led() const;

    Core& core() noexcept { return core_; }
    const Core& core() const noexcept { return core_; }

private:
    struct Channel {
        Session session;
        wire::noise::Transport transport;
        bool proven = false;
    };

    Device(Core core, Clock& clock);
    Bytes on_message(View message);
    Bytes on_clear(View message);
    Bytes hello() const;
    Result<Bytes> open_nk(View message1);
    Result<Bytes> open_psk(std::uint8_t slot, View message1);
    Result<Bytes> in_channel(View message);
    Bytes prologue(wire::Clear type, std::uint8_t slot) const;

    Core core_;
    Clock* clock_;
    Link link_;
    std::optional<Channel> channel_;
    Clock::Time last_block_;
    int damaged_ = 0;  ///< frames in a row that were no blocks
};

}  // namespace hsm4::device
