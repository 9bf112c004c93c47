// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// POLICY.
#include "hsm4/open/policy.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

static_assert(perimeter_channels == wire::channel_count);

std::uint8_t wire_action(PerimeterAction action) noexcept {
    switch (action) {
        case PerimeterAction::none: break;
        case PerimeterAction::notify:
            return static_cast<std::uint8_t>(wire::PerimeterAction::notify);
        case PerimeterAction::self_destruct:
            return static_cast<std::uint8_t>(wire::PerimeterAction::self_destruct);
    }
    return static_cast<std::uint8_t>(wire::PerimeterAction::none);
}

// action u8 | armed u8
bool read_channel(wire::Reader& fields, PerimeterChannel& channel) {
    const auto action = static_cast<wire::PerimeterAction>(fields.get<std::uint8_t>());
    const auto armed = fields.get<std::uint8_t>();
    channel.armed = armed == 1;
    switch (action) {
        case wire::PerimeterAction::none: channel.action = PerimeterAction::none; break;
        case wire::PerimeterAction::notify: channel.action = PerimeterAction::notify; break;
        case wire::PerimeterAction::self_destruct:
            channel.action = PerimeterAction::self_destruct;
            break;
        default: return false;
    }
    return armed <= 1;
}

wire::Writer begin(wire::PolicyRequest what) {
    wire::Writer request{8};
    request.put(static_cast<std::uint8_t>(wire::Opcode::policy));
    request.put(static_cast<std::uint8_t>(what));
    return request;
}

}  // namespace

// answer: attestation interval u32 | PIN tries u8 | for each channel (action u8 | armed u8)
Result<Policy> read_policy(Channel& channel) {
    auto answer = channel.request(begin(wire::PolicyRequest::show).view());
    if (!answer) return answer.error();
    auto body = answer_fields(*answer);
    if (!body) return body.error();

    wire::Reader fields{*body};
    Policy policy;
    policy.attest_interval_s = fields.get<std::uint32_t>();
    policy.pin_tries = fields.get<std::uint8_t>();
    bool known = true;
    for (PerimeterChannel& perimeter : policy.channels)
        known = read_channel(fields, perimeter) && known;
    if (!known || !fields.done()) return Error{Errc::malformed, "the module's policy"};
    return policy;
}

// request: opcode | 1 | channel u8 | action u8        answer: nothing
Status set_perimeter_action(Channel& channel, std::uint8_t perimeter_channel,
                            PerimeterAction action) {
    if (perimeter_channel >= perimeter_channels)
        return Error{Errc::usage, "number of the perimeter channel"};
    wire::Writer request = begin(wire::PolicyRequest::set_action);
    request.put(perimeter_channel).put(wire_action(action));
    return request_nothing(channel, request);
}

// request: opcode | 2 | seconds u32        answer: nothing
Status set_attest_interval(Channel& channel, std::uint32_t seconds) {
    constexpr std::uint32_t shortest = 10;
    if (seconds != 0 && seconds < shortest)
        return Error{Errc::usage, "attestation interval (0, or at least 10 seconds)"};
    wire::Writer request = begin(wire::PolicyRequest::set_attest_interval);
    request.put(seconds);
    return request_nothing(channel, request);
}

// request: opcode | 3 | tries u8        answer: nothing
Status set_pin_tries(Channel& channel, std::uint8_t tries) {
    if (tries == 0 || tries > wire::most_pin_tries)
        return Error{Errc::usage, "number of PIN tries (1 to 20)"};
    wire::Writer request = begin(wire::PolicyRequest::set_pin_tries);
    request.put(tries);
    return request_nothing(channel, request);
}

}  // namespace hsm4::open
