// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// BIND_PREPARE and BIND_OFFER.
#include "hsm4/open/bind.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

// request: opcode | slot u8        answer: salt 32
Result<Array<wire::salt_size>> prepare(Channel& channel, std::uint8_t slot) {
    const Array<2> request{static_cast<std::byte>(wire::Opcode::bind_prepare),
                           static_cast<std::byte>(slot)};
    auto answer = channel.request(request);
    if (!answer) return answer.error();
    auto salt = answer_fields(*answer);
    if (!salt) return salt.error();
    return to_array<wire::salt_size>(*salt, "the module's salt");
}

// request: opcode | slot u8 | psk 32        answer: nothing
Status offer(Channel& channel, std::uint8_t slot, const Secret<wire::psk_size>& psk) {
    wire::Writer request{1 + 1 + wire::psk_size};
    request.put(static_cast<std::uint8_t>(wire::Opcode::bind_offer)).put(slot).put(psk.view());
    return request_nothing(channel, request);
}

}  // namespace

Result<Array<wire::salt_size>> offer_key(Channel& channel, std::uint8_t slot,
                                         const DerivePsk& derive) {
    if (slot >= wire::slot_count) return Error{Errc::usage, "number of the binding slot"};
    auto salt = prepare(channel, slot);
    if (!salt) return salt.error();
    auto psk = derive(*salt);
    if (!psk) return psk.error();
    if (Status offered = offer(channel, slot, *psk); !offered) return offered.error();
    return salt;
}

}  // namespace hsm4::open
