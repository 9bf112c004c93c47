// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The status byte in front of every answer in a channel.
#pragma once

#include "hsm4/open/channel.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

/// The fields after status 0, borrowed; for any other status the error that it stands for.
Result<View> answer_fields(const SecretBytes& answer);

/// Sends a request whose success has no fields.
Status request_nothing(Channel& channel, const wire::Writer& request);

}  // namespace hsm4::open
