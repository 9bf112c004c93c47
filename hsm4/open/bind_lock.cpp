// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// BIND_LOCK.
#include "hsm4/open/bind_lock.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

// request: opcode | kept slots u8        answer: nothing
Status lock_binding(Channel& channel, std::uint8_t kept_slots) {
    wire::Writer request{2};
    request.put(static_cast<std::uint8_t>(wire::Opcode::bind_lock)).put(kept_slots);
    return request_nothing(channel, request);
}

}  // namespace hsm4::open
