// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// STATUS.
#include "hsm4/open/status.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/open/state.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

// answer: state u8 | generation u32 | bound slots u8 | wrong_proofs u32 | lockouts u32 |
//         delay_s u32 | attest_interval_s u32 | attest_left_s u32 | events u16
Result<ModuleStatus> read_status(Channel& channel) {
    const Array<1> request{static_cast<std::byte>(wire::Opcode::status)};
    auto answer = channel.request(request);
    if (!answer) return answer.error();
    auto body = answer_fields(*answer);
    if (!body) return body.error();

    wire::Reader fields{*body};
    auto status = decode_state(fields.get<std::uint8_t>());
    if (!status) return status.error();
    status->generation = fields.get<std::uint32_t>();
    status->bound_slots = fields.get<std::uint8_t>();
    status->wrong_proofs = fields.get<std::uint32_t>();
    status->lockouts = fields.get<std::uint32_t>();
    status->delay_s = fields.get<std::uint32_t>();
    status->attest_interval_s = fields.get<std::uint32_t>();
    status->attest_left_s = fields.get<std::uint32_t>();
    status->events = fields.get<std::uint16_t>();
    if (!fields.done()) return Error{Errc::malformed, "the module's STATUS"};
    return status;
}

}  // namespace hsm4::open
