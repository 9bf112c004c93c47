// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One exchange with the module.
#include "hsm4/open/exchange.hpp"

namespace hsm4::open {

using namespace std::chrono_literals;

namespace {

constexpr int most_exchanges = 6;
constexpr std::chrono::microseconds first_pause = 5ms;

}  // namespace

Status Exchange::begin() {
    if (Status held = transport_->acquire(deadline_); !held) return held.error();
    return link_.start(deadline_);
}

bool Attempts::again(const Error& error, const Exchange& exchange) {
    if (!is_link_fault(error.code) || exchange.committed() || made_ == most_exchanges) return false;
    const auto pause = first_pause * (1 << made_);
    if (exchange.deadline().left() <= pause) return false;
    clock_->sleep(pause);
    ++made_;
    return true;
}

}  // namespace hsm4::open
