// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// State as the bytes that a child hands to its parent: [locked, bound, time of each channel,
// clock].
#pragma once

#include "hsm4/zymbit/access.hpp"

namespace hsm4::zymbit {

SecretBytes encode_state(const State& state);
/// `malformed` for anything that encode_state() does not make.
Result<State> decode_state(View encoded);

}  // namespace hsm4::zymbit
