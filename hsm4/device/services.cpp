// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The table of the module's commands.
#include "hsm4/device/services.hpp"

#include <algorithm>
#include <array>

#include "hsm4/device/service.hpp"

namespace hsm4::device {

namespace {

using wire::Answer;
using wire::Opcode;
using wire::Reader;

enum class Channel {
    any,
    by_psk,
    by_key
};

/// When a service is shut. A compromised module opens no channel by PSK, a destroyed one none at
/// all.
enum class Shut {
    never,
    compromised,
    overdue,  ///< the host has not attested in time
};

struct Service {
    Opcode opcode;
    Channel channel;  ///< which kind of channel may use it
    Shut shut;
    Reply (*run)(Core&, Session&, Reader&);
};

constexpr std::array services{
    Service{Opcode::info, Channel::any, Shut::never, on_info},
    Service{Opcode::status, Channel::any, Shut::never, on_status},
    Service{Opcode::lock, Channel::by_psk, Shut::overdue, on_lock},
    Service{Opcode::lock_ahead, Channel::by_psk, Shut::overdue, on_lock_ahead},
    Service{Opcode::unlock, Channel::by_psk, Shut::overdue, on_unlock},
    Service{Opcode::unlock_pin, Channel::by_psk, Shut::overdue, on_unlock_pin},
    Service{Opcode::random, Channel::by_psk, Shut::overdue, on_random},
    Service{Opcode::attest, Channel::by_psk, Shut::never, on_attest},
    Service{Opcode::led, Channel::by_psk, Shut::never, on_led},
    Service{Opcode::events, Channel::by_psk, Shut::overdue, on_events},
    Service{Opcode::policy, Channel::by_psk, Shut::overdue, on_policy},
    Service{Opcode::pin, Channel::by_psk, Shut::overdue, on_pin},
    Service{Opcode::revoke, Channel::by_psk, Shut::overdue, on_revoke},
    Service{Opcode::bind_lock, Channel::by_psk, Shut::overdue, on_bind_lock},
    Service{Opcode::bind_prepare, Channel::by_key, Shut::compromised, on_bind_prepare},
    Service{Opcode::bind_offer, Channel::by_key, Shut::compromised, on_bind_offer},
};

bool may_use(Channel channel, const Peer& peer) noexcept {
    return channel == Channel::any || (channel == Channel::by_psk) == peer.by_psk;
}

bool is_shut(Shut shut, const Core& core) {
    switch (shut) {
        case Shut::never: return false;
        case Shut::compromised: return core.is_compromised();
        case Shut::overdue: return core.is_attestation_overdue();
    }
    return true;
}

Reply dispatch(Core& core, Session& session, View request) {
    Reader in{request};
    const auto opcode = Opcode{in.get<std::uint8_t>()};
    if (in.short_read()) return reject(Answer::malformed);
    const auto service = std::ranges::find(services, opcode, &Service::opcode);
    if (service == services.end()) return reject(Answer::unknown);
    if (!may_use(service->channel, session.peer)) return reject(Answer::refused);
    if (is_shut(service->shut, core)) return reject(Answer::wrong_state);
    return service->run(core, session, in);
}

}  // namespace

Reply with_fields(wire::Writer& out) {
    auto fields = out.take();
    if (!fields) return reject(Answer::failure);
    return {Answer::ok, std::move(*fields)};
}

Reply done(const Status& saved) { return reject(saved ? Answer::ok : Answer::failure); }

SecretBytes serve(Core& core, Session& session, View request) {
    const Reply reply = dispatch(core, session, request);
    SecretBytes answer{1 + reply.fields.size()};
    answer.writable()[0] = static_cast<std::byte>(reply.status);
    std::ranges::copy(reply.fields.view(), answer.writable().begin() + 1);
    return answer;
}

}  // namespace hsm4::device
