// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Trying again, with pauses: a Zymbit module binds some seconds after power-on, and its bus is
// easily disturbed.
#pragma once

#include "hsm4/clock.hpp"
#include "hsm4/result.hpp"

namespace hsm4::zymbit {

inline constexpr std::chrono::seconds retry_pause{1};
inline constexpr int tries_when_refused = 3;  // as the vendor's own scripts do

/// Whether an error may go away by itself, after `tries` tries that ended in it.
inline bool may_pass(const Error& error, int tries) noexcept {
    switch (error.code) {
        case Errc::no_device:
        case Errc::timeout:
        case Errc::bus: return true;
        case Errc::refused:
        case Errc::wrong_state: return tries < tries_when_refused;
        default: return false;
    }
}

/// Calls `attempt` (which returns a Result) until it succeeds, fails for good, or no time is left
/// for another one.
template <class Attempt>
auto with_retries(Clock& clock, const Deadline& deadline, const Attempt& attempt) {
    for (int tries = 1;; ++tries) {
        auto result = attempt();
        if (result || !may_pass(result.error(), tries) || deadline.left() <= retry_pause)
            return result;
        clock.sleep(retry_pause);
    }
}

}  // namespace hsm4::zymbit
