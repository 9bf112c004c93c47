// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// INFO, STATUS, LED, EVENTS and POLICY.
#include <algorithm>
#include <limits>

#include "hsm4/device/service.hpp"

namespace hsm4::device {

namespace {

using wire::Answer;
using wire::PerimeterAction;
using wire::Reader;
using wire::Writer;

constexpr std::string_view model = "hsm4-emulator";
constexpr std::uint32_t shortest_interval_s = 10;

void put_text(Writer& out, std::string_view text) {
    out.put(static_cast<std::uint8_t>(text.size())).put(view_of(text));
}

std::uint8_t bound_slots(const State& state) {
    unsigned map = 0;
    for (std::size_t at = 0; at < state.slots.size(); ++at)
        if (state.slots[at].active) map |= 1U << at;
    return static_cast<std::uint8_t>(map);
}

std::uint16_t event_count(const EventLog& log) {
    const std::uint64_t all = log.events.size() + std::uint64_t{log.lost};
    return static_cast<std::uint16_t>(
        std::min<std::uint64_t>(all, std::numeric_limits<std::uint16_t>::max()));
}

// answer: last number u32 | lost u32 | count u8 | count times (number u32 | kind u8 | detail u8 |
//         time u64)
Reply list_events(const Core& core) {
    constexpr std::size_t entry = 4 + 1 + 1 + 8;
    constexpr std::size_t longest = 4 + 4 + 1 + wire::most_events * entry;
    static_assert(1 + longest + crypto::tag_size <= wire::t1::longest_message);
    const EventLog& log = core.state().log;
    Writer out{longest};
    out.put(log.last_number).put(log.lost).put(static_cast<std::uint8_t>(log.events.size()));
    for (const Event& event : log.events)
        out.put(event.number)
            .put(static_cast<std::uint8_t>(event.kind))
            .put(event.detail)
            .put(event.time);
    return with_fields(out);
}

// answer: attestation interval u32 | PIN tries u8 | for each channel (action u8 | armed u8)
Reply show_policy(const Core& core) {
    const Policy& policy = core.state().policy;
    Writer out{16};
    out.put(policy.attest_interval_s).put(policy.pin_tries);
    for (const PerimeterChannel& channel : policy.channels)
        out.put(static_cast<std::uint8_t>(channel.action)).put(std::uint8_t{channel.armed});
    return with_fields(out);
}

// channel u8 | action u8
Reply set_action(Core& core, Reader& in) {
    const auto channel = in.get<std::uint8_t>();
    const auto action = PerimeterAction{in.get<std::uint8_t>()};
    if (!in.done() || channel >= wire::channel_count || action > PerimeterAction::self_destruct)
        return reject(Answer::malformed);
    PerimeterAction& present = core.writable_state().policy.channels[channel].action;
    // Self-destruction is for production, and cannot be taken back.
    const bool production = core.state().life_cycle == wire::LifeCycle::production;
    if (action == PerimeterAction::self_destruct && !production) return reject(Answer::wrong_state);
    if (present == PerimeterAction::self_destruct && action != present)
        return reject(Answer::wrong_state);
    present = action;
    return done(core.save());
}

// seconds u32, 0: off
Reply set_attest_interval(Core& core, Reader& in) {
    const auto seconds = in.get<std::uint32_t>();
    if (!in.done() || (seconds != 0 && seconds < shortest_interval_s))
        return reject(Answer::malformed);
    core.writable_state().policy.attest_interval_s = seconds;
    core.restart_attestation();
    return done(core.save());
}

// tries u8: of new locked keys, and after each success
Reply set_pin_tries(Core& core, Reader& in) {
    const auto tries = in.get<std::uint8_t>();
    if (!in.done() || tries == 0 || tries > wire::most_pin_tries) return reject(Answer::malformed);
    core.writable_state().policy.pin_tries = tries;
    return done(core.save());
}

}  // namespace

Reply on_info(Core& core, Session& /*session*/, Reader& in) {
    if (!in.done()) return reject(Answer::malformed);
    Writer out{256};
    out.put(wire::protocol_version).put(View{core.keys().module_id});
    out.put(View{core.keys().channel.public_key}).put(View{core.keys().verify_key});
    out.put(wire::slot_count).put(static_cast<std::uint8_t>(wire::longest_key));
    put_text(out, model);
    put_text(out, HSM4_VERSION);
    return with_fields(out);
}

Reply on_status(Core& core, Session& /*session*/, Reader& in) {
    if (!in.done()) return reject(Answer::malformed);
    const State& state = core.state();
    Writer out{64};
    out.put(core.state_byte()).put(state.generation).put(bound_slots(state));
    out.put(state.wrong_proofs).put(state.lockouts).put(core.delay_s());
    out.put(state.policy.attest_interval_s).put(core.attest_left_s());
    out.put(event_count(state.log));
    return with_fields(out);
}

// mode u8 | on u16 (ms) | off u16 (ms) | flashes u16, 0: without end
Reply on_led(Core& core, Session& /*session*/, Reader& in) {
    LedOrder order;
    order.mode = wire::LedMode{in.get<std::uint8_t>()};
    order.on_ms = in.get<std::uint16_t>();
    order.off_ms = in.get<std::uint16_t>();
    order.flashes = in.get<std::uint16_t>();
    const bool flash = order.mode == wire::LedMode::flash;
    const bool timed = order.on_ms != 0 && order.off_ms != 0;
    if (!in.done() || order.mode > wire::LedMode::flash || (flash && !timed))
        return reject(Answer::malformed);
    core.order_led(order);
    return {};
}

Reply on_events(Core& core, Session& /*session*/, Reader& in) {
    const auto request = wire::EventRequest{in.get<std::uint8_t>()};
    if (request == wire::EventRequest::list)
        return in.done() ? list_events(core) : reject(Answer::malformed);
    // through u32, the newest event that the host has seen
    const auto through = in.get<std::uint32_t>();
    if (!in.done() || request != wire::EventRequest::clear) return reject(Answer::malformed);
    return done(core.clear_events(through));
}

Reply on_policy(Core& core, Session& /*session*/, Reader& in) {
    switch (wire::PolicyRequest{in.get<std::uint8_t>()}) {
        case wire::PolicyRequest::show:
            return in.done() ? show_policy(core) : reject(Answer::malformed);
        case wire::PolicyRequest::set_action: return set_action(core, in);
        case wire::PolicyRequest::set_attest_interval: return set_attest_interval(core, in);
        case wire::PolicyRequest::set_pin_tries: return set_pin_tries(core, in);
    }
    return reject(Answer::malformed);
}

}  // namespace hsm4::device
