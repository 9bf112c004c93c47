// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's side of the link: one T=1' block in, at most one out (hsm4-protocol(7), LINK).
#pragma once

#include <optional>

#include "hsm4/wire/protocol.hpp"
#include "hsm4/wire/t1.hpp"

namespace hsm4::device {

class Link {
public:
    struct Step {
        std::optional<Bytes> frame;    ///< to send back now
        std::optional<Bytes> message;  ///< complete; answer it by send()
        bool ended = false;            ///< the exchange is over: forget the channel
        bool damaged = false;          ///< what came was no block
    };

    /// Takes any bytes as a frame; damaged ones are answered, not dropped.
    Step receive(View frame);

    /// The first block of `message`; the others follow as the host acknowledges.
    Bytes send(View message);

    /// As after power-on: numbers, chains and parameters.
    void reset();

    const wire::LinkParameters& parameters() const noexcept { return parameters_; }

private:
    Step on_information(const wire::t1::Pcb& pcb, View inf);
    Step on_receive(const wire::t1::Pcb& pcb);
    Step on_request(wire::t1::Service service, View inf);
    Step set_ifs(View inf);
    Bytes next_block();
    Bytes complain(wire::t1::Ack ack) const;
    /// Remembers `frame` for repetition.
    Step answer(Bytes frame);
    Step repeat();

    wire::LinkParameters parameters_;
    bool send_number_ = false;  ///< N(S) of the next I-block
    bool expected_ = false;     ///< N(S) of the host's next I-block
    Bytes incoming_;            ///< the host's chain so far
    Bytes outgoing_;            ///< what of our message was not sent yet
    std::optional<Bytes> last_frame_;
    std::optional<bool> last_number_;  ///< N(S) of last_frame_, if it was an I-block
};

}  // namespace hsm4::device
