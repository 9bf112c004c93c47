// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The host's end of the T=1' link: send numbers, chains, repetition, waiting time
// (hsm4-protocol(7), "Link").
//
//   start --(S(RESYNCH) on a shared bus)--> ready --exchange--> ready
//
// A fault that two repetitions did not mend is `bus` or `timeout`: the link is of no use any more,
// and the caller starts over with a new exchange (is_link_fault() tells these from answers).
#pragma once

#include "hsm4/open/transport.hpp"
#include "hsm4/wire/protocol.hpp"
#include "hsm4/wire/t1.hpp"

namespace hsm4::open {

/// Errors that a new exchange may mend; all others are answers, or will not go away.
constexpr bool is_link_fault(Errc code) noexcept {
    return code == Errc::bus || code == Errc::timeout;
}

/// Not thread-safe. The transport is acquired, and outlives the link.
class Link {
public:
    explicit Link(Transport& transport) noexcept : transport_{&transport} {}

    /// Brings both ends to their first state. `no_device` when nothing is there; `malformed` when
    /// what is there does not speak the protocol; `bus` when it did before.
    Status start(const Deadline& deadline);
    /// Sends `message` (1 to 1024 bytes) and gives the answer (at most 1024 bytes).
    Result<Bytes> exchange(View message, const Deadline& deadline);
    /// What went over the link in clear so far.
    const wire::LinkParameters& parameters() const noexcept { return parameters_; }

private:
    using Microseconds = std::chrono::microseconds;
    enum class Awaited {
        answer,
        acknowledgement
    };
    enum class Verdict {
        accept,
        ignore,   ///< an older block once more
        repeat,   ///< the module lacks our last block
        ask,      ///< ask the module for its last block
        request,  ///< an S-block that wants an answer
    };
    struct Turn;

    Result<wire::t1::Block> send_chain(View message, const Deadline& deadline);
    Result<Bytes> receive_chain(wire::t1::Block block, const Deadline& deadline);
    Result<wire::t1::Block> converse(std::uint8_t pcb, View inf, Awaited awaited,
                                     const Deadline& deadline);
    Status follow(Verdict verdict, const wire::t1::Block& block, Turn& turn,
                  const Deadline& deadline);
    Status ask_again(Errc cause, Turn& turn, const Deadline& deadline);
    Status repeat(Turn& turn, const Deadline& deadline);
    Status serve(const wire::t1::Block& block, Turn& turn, const Deadline& deadline);
    Error not_a_resynch() const noexcept;
    Error abort_chain(const Deadline& deadline);
    Verdict judge(const wire::t1::Block& block, Awaited awaited, bool asked) const noexcept;
    Result<wire::t1::Block> next_block(Microseconds wait, const Deadline& deadline);
    Status write_block(std::uint8_t pcb, View inf, const Deadline& deadline);
    Microseconds first_wait(const Deadline& deadline) const;

    Transport* transport_;
    wire::LinkParameters parameters_;
    bool send_number_ = false;  ///< N(S) of our next I-block, or of the one not yet acknowledged
    bool expected_ = false;     ///< N(S) of the module's next I-block
    bool answered_ = false;     ///< the module has sent a block in this exchange
};

}  // namespace hsm4::open
