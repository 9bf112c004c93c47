// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// EVENTS.
#include "hsm4/open/events.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

std::optional<EventKind> known_kind(std::uint8_t kind) noexcept {
    switch (static_cast<wire::EventKind>(kind)) {
        case wire::EventKind::perimeter: return EventKind::perimeter;
        case wire::EventKind::self_destructed: return EventKind::self_destructed;
        case wire::EventKind::lock_out: return EventKind::lock_out;
        case wire::EventKind::attest_missed: return EventKind::attest_missed;
        case wire::EventKind::pin_locked: return EventKind::pin_locked;
        case wire::EventKind::revoked: return EventKind::revoked;
        case wire::EventKind::production: return EventKind::production;
    }
    return std::nullopt;
}

// number u32 | kind u8 | detail u8 | time u64
bool read_event(wire::Reader& fields, Event& event) {
    event.number = fields.get<std::uint32_t>();
    const auto kind = known_kind(fields.get<std::uint8_t>());
    event.detail = fields.get<std::uint8_t>();
    event.time = fields.get<std::uint64_t>();
    if (kind) event.kind = *kind;
    return kind.has_value();
}

}  // namespace

// request: opcode | 0        answer: last number u32 | lost u32 | count u8 | events
Result<EventLog> read_events(Channel& channel) {
    const Array<2> request{static_cast<std::byte>(wire::Opcode::events),
                           static_cast<std::byte>(wire::EventRequest::list)};
    auto answer = channel.request(request);
    if (!answer) return answer.error();
    auto body = answer_fields(*answer);
    if (!body) return body.error();

    wire::Reader fields{*body};
    EventLog log;
    log.last_number = fields.get<std::uint32_t>();
    log.lost = fields.get<std::uint32_t>();
    const std::size_t count = fields.get<std::uint8_t>();
    bool known = count <= wire::most_events;
    for (std::size_t at = 0; known && at < count; ++at)
        known = read_event(fields, log.events.emplace_back());
    if (!known || !fields.done()) return Error{Errc::malformed, "the module's event log"};
    return log;
}

// request: opcode | 1 | through u32        answer: nothing
Status clear_events(Channel& channel, std::uint32_t through) {
    wire::Writer request{6};
    request.put(static_cast<std::uint8_t>(wire::Opcode::events));
    request.put(static_cast<std::uint8_t>(wire::EventRequest::clear)).put(through);
    return request_nothing(channel, request);
}

}  // namespace hsm4::open
