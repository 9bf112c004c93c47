// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module counts the tries of each key with PIN, and has room for a few. Whoever removes such a
// key lets it forget the counter.
#pragma once

#include <vector>

#include "hsm4/module.hpp"
#include "tools/enroll/survey.hpp"

namespace hsm4::enroll {

/// A counter by the key that it belongs to.
struct PinCounter {
    Bytes locked_key;
    VolumeBinding binding{};
};

/// Of those `tokens` that have a PIN, while their key slots are still there.
std::vector<PinCounter> pin_counters(const Volume& volume,
                                     const std::vector<SurveyedToken>& tokens);

/// False when the module did not forget one of them. Keys of a volume that was changed since, or
/// of a revoked generation, cannot be named to it any more.
bool forget(Module& module, const std::vector<PinCounter>& counters);

}  // namespace hsm4::enroll
