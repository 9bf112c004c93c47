// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Messages outside and inside a channel.
#include "hsm4/device/device.hpp"

#include "hsm4/device/handshake.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::device {

namespace noise = wire::noise;
using wire::Answer;
using wire::Clear;

namespace {

constexpr std::chrono::seconds silence{1};
constexpr int damaged_until_interrupted = 3;
constexpr noise::Suite suite = noise::Suite::chachapoly_sha256;

Bytes refusal(Answer answer) { return {static_cast<std::byte>(answer)}; }

crypto::KeyPair copy_of(const crypto::KeyPair& pair) {
    return {pair.secret.clone(), pair.public_key};
}

/// What a handshake gives when its first message was authentic.
struct Opened {
    noise::Transport transport;
    Bytes message2;
};

Result<Opened> respond(const Keys& keys, noise::Pattern pattern, View prologue,
                       std::optional<View> psk, View message1) {
    auto responder = Responder::start(pattern, suite, prologue, copy_of(keys.channel), psk);
    if (!responder) return responder.error();
    auto payload = responder->read_message1(message1);
    if (!payload) return payload.error();
    if (!payload->empty()) return Error{Errc::malformed, "handshake payload"};
    auto message2 = responder->write_message2({});
    if (!message2) return message2.error();
    auto transport = responder->split();
    if (!transport) return transport.error();
    return Opened{std::move(*transport), std::move(*message2)};
}

/// The active or the offered binding of a slot, or null where there is none.
const HostBinding* binding_of(const State& state, std::uint8_t slot, bool pending) {
    // What was offered before the module went into production stays a mere offer for ever.
    const bool counts = !pending || state.life_cycle != wire::LifeCycle::production;
    if (slot >= state.slots.size() || !counts) return nullptr;
    const auto& binding = pending ? state.slots[slot].pending : state.slots[slot].active;
    return binding ? &*binding : nullptr;
}

}  // namespace

Device::Device(Core core, Clock& clock)
    : core_{std::move(core)}, clock_{&clock}, last_block_{clock.now()} {}

Result<Device> Device::start(State state, NonVolatile& memory, Clock& clock) {
    auto core = Core::start(std::move(state), memory, clock);
    if (!core) return core.error();
    return Device{std::move(*core), clock};
}

std::optional<Bytes> Device::receive(View frame) {
    if (clock_->now() - last_block_ >= silence) end_exchange();
    last_block_ = clock_->now();
    // What could not be saved now is tried again at the next tick.
    static_cast<void>(tick());
    Link::Step step = link_.receive(frame);
    damaged_ = step.damaged ? damaged_ + 1 : 0;
    if (step.ended) channel_.reset();
    if (!step.message) return std::move(step.frame);
    return link_.send(on_message(*step.message));
}

void Device::end_exchange() {
    link_.reset();
    channel_.reset();
}

Status Device::power_cycle() {
    end_exchange();
    damaged_ = 0;
    return core_.power_cycle();
}

LedPattern Device::led() const {
    LedPattern automatic = LedPattern::searching;
    if (core_.is_destroyed())
        automatic = LedPattern::destroyed;
    else if (core_.is_compromised())
        automatic = LedPattern::locked_out;
    else if (damaged_ >= damaged_until_interrupted)
        automatic = LedPattern::interrupted;
    else if (core_.is_secure())
        automatic = core_.state().life_cycle == wire::LifeCycle::production
                        ? LedPattern::production
                        : LedPattern::development;
    return core_.led().show(automatic, clock_->now());
}

Bytes Device::on_message(View message) {
    if (!channel_) return on_clear(message);
    auto answer = in_channel(message);
    if (answer) return std::move(*answer);
    channel_.reset();
    return refusal(Answer::refused);
}

Bytes Device::on_clear(View message) {
    wire::Reader in{message};
    const auto type = Clear{in.get<std::uint8_t>()};
    Result<Bytes> answer = Error{Errc::malformed, "message outside a channel"};
    if (type == Clear::hello && in.done()) {
        answer = hello();
    } else if (type == Clear::open_nk && message.size() == 1 + wire::handshake_size) {
        answer = open_nk(in.rest());
    } else if (type == Clear::open_psk && message.size() == 2 + wire::handshake_size) {
        const auto slot = in.get<std::uint8_t>();
        answer = open_psk(slot, in.rest());
    }
    if (answer) return std::move(*answer);
    switch (answer.error().code) {
        case Errc::malformed: return refusal(Answer::malformed);
        case Errc::wrong_state: return refusal(Answer::wrong_state);
        default: return refusal(Answer::refused);
    }
}

Bytes Device::hello() const {
    const Keys& keys = core_.keys();
    wire::Writer out{128};
    out.put(static_cast<std::uint8_t>(Answer::ok)).put(wire::protocol_version);
    out.put(core_.state_byte()).put(View{keys.module_id});
    out.put(View{keys.channel.public_key}).put(View{keys.verify_key});
    const View message = out.view();
    return {message.begin(), message.end()};
}

Bytes Device::prologue(Clear type, std::uint8_t slot) const {
    return wire::prologue(type, slot, core_.keys().module_id, link_.parameters());
}

Result<Bytes> Device::open_nk(View message1) {
    if (core_.is_destroyed()) return Error{Errc::wrong_state, "handshake"};
    auto opened = respond(core_.keys(), noise::Pattern::nk, prologue(Clear::open_nk, 0),
                          std::nullopt, message1);
    if (!opened) return Error{Errc::refused, "handshake"};
    Session session;
    session.peer.handshake_hash = opened->transport.handshake_hash;
    channel_.emplace(Channel{session, std::move(opened->transport), false});
    return std::move(opened->message2);
}

Result<Bytes> Device::open_psk(std::uint8_t slot, View message1) {
    if (!core_.listens_to_proofs()) return Error{Errc::wrong_state, "handshake"};
    // A slot without binding takes the same way as a wrong secret: with a secret that nobody knows.
    Secret<wire::psk_size> nobodys;
    if (Status drawn = core_.rng().fill(nobodys.writable()); !drawn) return drawn.error();
    for (const bool pending : {false, true}) {
        const HostBinding* binding = binding_of(core_.state(), slot, pending);
        const View psk = binding != nullptr ? View{binding->psk.view()} : View{nobodys.view()};
        auto opened = respond(core_.keys(), noise::Pattern::nkpsk0, prologue(Clear::open_psk, slot),
                              psk, message1);
        if (!opened || binding == nullptr) continue;
        Session session;
        session.peer = {true, slot, pending, opened->transport.handshake_hash};
        channel_.emplace(Channel{session, std::move(opened->transport), false});
        return std::move(opened->message2);
    }
    // Whether the count could be saved or not, the host hears the same.
    static_cast<void>(core_.count_wrong_proof(slot));
    return Error{Errc::refused, "handshake"};
}

Result<Bytes> Device::in_channel(View message) {
    Channel& channel = *channel_;
    auto request = channel.transport.initiator_to_responder.decrypt_with_ad({}, message);
    if (!request) return request.error();
    Session& session = channel.session;
    // The first message may be a replay; this one is fresh, so the host is proven only now.
    if (session.peer.by_psk && !channel.proven) {
        if (Status accepted = core_.accept_proof(session.peer); !accepted) return accepted.error();
        channel.proven = true;
    }
    const SecretBytes answer = serve(core_, session, request->view());
    return channel.transport.responder_to_initiator.encrypt_with_ad({}, answer.view());
}

}  // namespace hsm4::device
