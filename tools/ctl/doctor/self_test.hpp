// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Does the module lock and unlock? Harmless: 32 random bytes, for no volume, kept nowhere.
#pragma once

#include <chrono>

#include "hsm4/clock.hpp"
#include "hsm4/module.hpp"
#include "tools/ctl/options.hpp"

namespace hsm4::ctl {

struct SelfTest {
    std::chrono::microseconds lock{};
    std::chrono::microseconds unlock{};
    std::size_t locked_size = 0;
};

/// Locks 32 random bytes, unlocks them, compares; and checks that neither a changed locked key nor
/// another volume's is accepted. `malformed` when the module gives back other bytes, `unauthentic`
/// when it accepts what it must refuse.
Result<SelfTest> self_test(Module& module, Clock& clock);

/// hsm4ctl doctor --self-test: the same, with all that a report about it needs. The exit status.
int run_self_test(const Options& options);

}  // namespace hsm4::ctl
