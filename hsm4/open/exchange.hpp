// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One exchange with the module, from taking hold of it to letting it go, and its repetition after a
// fault of the link.
#pragma once

#include <utility>

#include "hsm4/open/link.hpp"

namespace hsm4::open {

/// Holds the module while it lives.
class Exchange {
public:
    Exchange(Transport& transport, const Deadline& deadline) noexcept
        : transport_{&transport}, link_{transport}, deadline_{deadline} {}
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() { transport_->release(); }

    /// Takes hold of the module, and brings the link to its first state.
    Status begin();
    Link& link() noexcept { return link_; }
    const Deadline& deadline() const noexcept { return deadline_; }
    /// From here on the exchange must not be repeated: the module counts what comes next.
    void commit() noexcept { committed_ = true; }
    bool committed() const noexcept { return committed_; }

private:
    Transport* transport_;
    Link link_;
    Deadline deadline_;
    bool committed_ = false;
};

/// Counts the exchanges of one call, and pauses between them.
class Attempts {
public:
    explicit Attempts(Clock& clock) noexcept : clock_{&clock} {}
    /// Whether an exchange that ended in `error` may be repeated; waits before it says so.
    bool again(const Error& error, const Exchange& exchange);

private:
    Clock* clock_;
    int made_ = 1;
};

/// Runs `body(exchange)`, a Result, in a new exchange until it succeeds, is answered, or time is
/// up.
template <class Body>
auto run_exchange(Transport& transport, Clock& clock, const Deadline& deadline, const Body& body) {
    using Outcome = decltype(body(std::declval<Exchange&>()));
    Attempts attempts{clock};
    for (;;) {
        Exchange exchange{transport, deadline};
        Status begun = exchange.begin();
        Outcome outcome = begun ? body(exchange) : Outcome{begun.error()};
        if (outcome || !attempts.again(outcome.error(), exchange)) return outcome;
    }
}

}  // namespace hsm4::open
