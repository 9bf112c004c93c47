// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// PIN.
#include "hsm4/open/pin.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

wire::Writer begin(wire::PinRequest what, std::size_t size) {
    wire::Writer request{2 + size};
    request.put(static_cast<std::uint8_t>(wire::Opcode::pin));
    request.put(static_cast<std::uint8_t>(what));
    return request;
}

}  // namespace

// answer: count u8 | count times (id u32 | generation u32 | tries left u8 | used u8)
Result<std::vector<PinRecord>> read_pin_records(Channel& channel) {
    auto answer = channel.request(begin(wire::PinRequest::list, 0).view());
    if (!answer) return answer.error();
    auto body = answer_fields(*answer);
    if (!body) return body.error();

    wire::Reader fields{*body};
    const std::size_t count = fields.get<std::uint8_t>();
    std::vector<PinRecord> records;
    for (std::size_t at = 0; at < count && !fields.short_read(); ++at) {
        PinRecord& record = records.emplace_back();
        record.id = fields.get<std::uint32_t>();
        record.generation = fields.get<std::uint32_t>();
        record.tries_left = fields.get<std::uint8_t>();
        record.used = fields.get<std::uint8_t>() != 0;
    }
    if (!fields.done()) return Error{Errc::malformed, "the module's PIN records"};
    return records;
}

// request: opcode | 1 | binding 32 | locked key        answer: nothing
Status forget_pin(Channel& channel, View locked_key, const VolumeBinding& binding) {
    if (locked_key.empty() || locked_key.size() > wire::longest_blob)
        return Error{Errc::malformed, "length of the locked key"};
    wire::Writer request =
        begin(wire::PinRequest::forget_key, wire::binding_size + wire::longest_blob);
    request.put(View{binding}).put(locked_key);
    return request_nothing(channel, request);
}

// request: opcode | 2 | id u32        answer: nothing
Status forget_pin(Channel& channel, std::uint32_t id) {
    wire::Writer request = begin(wire::PinRequest::forget_id, sizeof id);
    request.put(id);
    return request_nothing(channel, request);
}

}  // namespace hsm4::open
