// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Forgetting try counters.
#include "tools/enroll/pin_counter.hpp"

namespace hsm4::enroll {

std::vector<PinCounter> pin_counters(const Volume& volume,
                                     const std::vector<SurveyedToken>& tokens) {
    std::vector<PinCounter> found;
    for (const SurveyedToken& one : tokens) {
        if (!one.token || !one.token->pin) continue;
        if (auto binding = binding_of(volume, *one.token); binding)
            found.push_back({one.token->locked_key, *binding});
    }
    return found;
}

bool forget(Module& module, const std::vector<PinCounter>& counters) {
    bool all = true;
    for (const PinCounter& one : counters)
        if (Status gone = module.forget_pin(one.locked_key, one.binding); !gone) all = false;
    return all;
}

}  // namespace hsm4::enroll
