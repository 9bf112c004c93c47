// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's non-volatile memory as a directory.
#pragma once

#include <string>

#include "hsm4/device/state.hpp"
#include "hsm4/files.hpp"

namespace hsm4::device {

/// Owns the directory (mode 0700) while it lives: a second emulator on the same state is refused.
class Store final : public NonVolatile {
public:
    /// Makes a missing directory with a fresh module in it. `malformed` for a state that is damaged
    /// (it is never replaced by a fresh one), `io` with errno (EWOULDBLOCK: in use; ENOENT: there
    /// was a state, and it is gone).
    static Result<Store> open(const std::string& directory);

    /// What was loaded; meaningful once.
    State take_state() { return std::move(state_); }
    Status save(const State& state) override;

private:
    Store(std::string directory, Descriptor lock, State state);

    std::string directory_;
    Descriptor lock_;
    State state_;
};

}  // namespace hsm4::device
