// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From status bytes to errors.
#include "hsm4/open/answer.hpp"

#include <cerrno>

#include "hsm4/wire/protocol.hpp"

namespace hsm4::open {

namespace {

/// `fields` follow the status: the tries left after a bad PIN, else nothing.
Error refusal(wire::Answer status, wire::Reader fields) {
    if (status == wire::Answer::bad_pin) {
        const auto left = fields.get<std::uint8_t>();
        if (fields.done()) return Error{Errc::bad_pin, "the module's PIN check", left};
    }
    if (!fields.done()) return Error{Errc::malformed, "length of a refusal"};
    switch (status) {
        case wire::Answer::refused: return Error{Errc::refused, "the module's answer"};
        case wire::Answer::pin_locked: return Error{Errc::pin_locked, "the module's PIN check"};
        case wire::Answer::wrong_state: return Error{Errc::wrong_state, "the module's answer"};
        case wire::Answer::failure: return Error{Errc::io, "the module's own memory", EIO};
        case wire::Answer::no_room: return Error{Errc::io, "room in the module", ENOSPC};
        case wire::Answer::malformed:
        case wire::Answer::unknown: return Error{Errc::malformed, "our request, says the module"};
        case wire::Answer::ok:
        case wire::Answer::bad_pin: break;
    }
    return Error{Errc::malformed, "status of the module's answer"};
}

}  // namespace

Result<View> answer_fields(const SecretBytes& answer) {
    wire::Reader reader{answer.view()};
    const auto status = static_cast<wire::Answer>(reader.get<std::uint8_t>());
    if (reader.short_read()) return Error{Errc::malformed, "empty answer of the module"};
    if (status == wire::Answer::ok) return reader.rest();
    return refusal(status, reader);
}

Status request_nothing(Channel& channel, const wire::Writer& request) {
    auto answer = channel.request(request.view());
    if (!answer) return answer.error();
    auto fields = answer_fields(*answer);
    if (!fields) return fields.error();
    if (!fields->empty()) return Error{Errc::malformed, "length of the module's answer"};
    return ok();
}

}  // namespace hsm4::open
