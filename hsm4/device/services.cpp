// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's commands.
#include "hsm4/device/services.hpp"

#include <algorithm>
#include <array>

#include "hsm4/device/locked_key.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::device {

namespace {

using wire::Answer;
using wire::Opcode;
using wire::Reader;
using wire::Writer;

constexpr std::string_view model = "hsm4-emulator";

/// Fields of the answer on success; otherwise the status to send alone.
struct Reply {
    Answer status = Answer::ok;
    SecretBytes fields;
};

Reply reject(Answer status) { return {status, {}}; }

Reply with_fields(Writer& out) {
    auto fields = out.take();
    if (!fields) return reject(Answer::failure);
    return {Answer::ok, std::move(*fields)};
}

void put_text(Writer& out, std::string_view text) {
    out.put(static_cast<std::uint8_t>(text.size())).put(view_of(text));
}

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

std::uint8_t bound_slots(const State& state) {
    unsigned map = 0;
    for (std::size_t at = 0; at < state.slots.size(); ++at)
        if (state.slots[at].active) map |= 1U << at;
    return static_cast<std::uint8_t>(map);
}

Reply on_status(Core& core, Session& /*session*/, Reader& in) {
    if (!in.done()) return reject(Answer::malformed);
    const State& state = core.state();
    constexpr std::uint32_t attestation_off = 0;
    constexpr std::uint16_t no_events = 0;
    Writer out{64};
    out.put(core.state_byte()).put(state.generation).put(bound_slots(state));
    out.put(state.wrong_proofs).put(state.lockouts).put(core.delay_s());
    out.put(attestation_off).put(attestation_off).put(no_events);
    return with_fields(out);
}

Reply on_lock(Core& core, Session& /*session*/, Reader& in) {
    const View binding = in.take(wire::binding_size);
    const View pin = in.take(in.get<std::uint8_t>());
    const View key = in.take(in.get<std::uint8_t>());
    if (!in.done() || key.empty() || key.size() > wire::longest_key)
        return reject(Answer::malformed);
    if (!pin.empty()) return reject(Answer::refused);
    auto blob = lock_key(core.keys(), core.state().generation, binding, key);
    if (!blob) return reject(Answer::failure);
    return {Answer::ok, SecretBytes{*blob}};
}

Reply on_unlock(Core& core, Session& /*session*/, Reader& in) {
    const View binding = in.take(wire::binding_size);
    const View blob = in.rest();
    if (in.short_read()) return reject(Answer::malformed);
    auto key = unlock_key(core.keys(), core.state().generation, binding, blob);
    if (!key) {
        ++core.statistics().refusals;
        return reject(Answer::refused);
    }
    ++core.statistics().unlocks;
    return {Answer::ok, std::move(*key)};
}

Reply on_random(Core& /*core*/, Session& /*session*/, Reader& in) {
    const auto size = in.get<std::uint8_t>();
    if (!in.done() || size == 0 || size > wire::longest_random) return reject(Answer::malformed);
    SecretBytes bytes{size};
    if (!crypto::random_bytes(bytes.writable())) return reject(Answer::failure);
    return {Answer::ok, std::move(bytes)};
}

Reply on_attest(Core& core, Session& session, Reader& in) {
    const auto nonce = in.array<wire::attest_nonce_size>();
    if (!in.done()) return reject(Answer::malformed);
    const std::uint8_t state = core.state_byte();
    const std::uint32_t generation = core.state().generation;
    const Bytes text = wire::attested_text(core.keys().module_id, nonce, state, generation,
                                           session.peer.handshake_hash);
    auto signature = crypto::ed25519_sign(core.keys().sign_secret.view(), text);
    if (!signature) return reject(Answer::failure);
    Writer out{128};
    out.put(state).put(generation).put(View{*signature});
    return with_fields(out);
}

Reply on_bind_prepare(Core& core, Session& session, Reader& in) {
    const auto slot = in.get<std::uint8_t>();
    if (!in.done() || slot >= wire::slot_count) return reject(Answer::malformed);
    if (core.state().life_cycle == wire::LifeCycle::production) return reject(Answer::wrong_state);
    Session::Prepared prepared{slot, {}};
    if (!crypto::random_bytes(prepared.salt)) return reject(Answer::failure);
    session.prepared = prepared;
    return {Answer::ok, SecretBytes{View{prepared.salt}}};
}

Reply on_bind_offer(Core& core, Session& session, Reader& in) {
    const auto slot = in.get<std::uint8_t>();
    const View psk = in.take(wire::psk_size);
    if (!in.done()) return reject(Answer::malformed);
    if (core.state().life_cycle == wire::LifeCycle::production) return reject(Answer::wrong_state);
    if (!session.prepared || session.prepared->slot != slot) return reject(Answer::refused);
    HostBinding binding{session.prepared->salt,
                        Secret<wire::psk_size>{psk.first<wire::psk_size>()}};
    session.prepared.reset();
    if (!core.offer(slot, std::move(binding))) return reject(Answer::failure);
    return {};
}

enum class Channel {
    any,
    by_psk,
    by_key
};

struct Service {
    Opcode opcode;
    Channel channel;  ///< which kind of channel may use it
    Reply (*run)(Core&, Session&, Reader&);
};

constexpr std::array services{
    Service{Opcode::info, Channel::any, on_info},
    Service{Opcode::status, Channel::any, on_status},
    Service{Opcode::lock, Channel::by_psk, on_lock},
    Service{Opcode::unlock, Channel::by_psk, on_unlock},
    Service{Opcode::random, Channel::by_psk, on_random},
    Service{Opcode::attest, Channel::by_psk, on_attest},
    Service{Opcode::bind_prepare, Channel::by_key, on_bind_prepare},
    Service{Opcode::bind_offer, Channel::by_key, on_bind_offer},
};

bool may_use(Channel channel, const Peer& peer) noexcept {
    return channel == Channel::any || (channel == Channel::by_psk) == peer.by_psk;
}

Reply dispatch(Core& core, Session& session, View request) {
    Reader in{request};
    const auto opcode = Opcode{in.get<std::uint8_t>()};
    if (in.short_read()) return reject(Answer::malformed);
    const auto service = std::ranges::find(services, opcode, &Service::opcode);
    if (service == services.end()) return reject(Answer::unknown);
    if (!may_use(service->channel, session.peer)) return reject(Answer::refused);
    return service->run(core, session, in);
}

}  // namespace

SecretBytes serve(Core& core, Session& session, View request) {
    const Reply reply = dispatch(core, session, request);
    SecretBytes answer{1 + reply.fields.size()};
    answer.writable()[0] = static_cast<std::byte>(reply.status);
    std::ranges::copy(reply.fields.view(), answer.writable().begin() + 1);
    return answer;
}

}  // namespace hsm4::device
