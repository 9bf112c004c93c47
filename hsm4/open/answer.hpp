// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The status byte in front of every answer in a channel.
#pragma once

#include "hsm4/result.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::open {

/// The fields after status 0, borrowed; for any other status the error that it stands for.
Result<View> answer_fields(const SecretBytes& answer);

}  // namespace hsm4::open
