// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Two ends of a handshake in one process.
#include "tests/vectors/noise_session.hpp"

namespace vectors {

using hsm4::Bytes;
using hsm4::Result;
using hsm4::SecretBytes;
using hsm4::Status;
using hsm4::View;
using hsm4::wire::noise::CipherState;
using hsm4::wire::noise::Pattern;
using hsm4::wire::noise::Transport;

namespace {

CipherState& of_direction(Transport& transport, bool from_initiator) {
    return from_initiator ? transport.initiator_to_responder : transport.responder_to_initiator;
}

}  // namespace

Result<NoiseSession> NoiseSession::start(const NoiseVector& vector) {
    auto host_pair = hsm4::crypto::x25519_from_secret(vector.init_ephemeral);
    if (!host_pair) return host_pair.error();
    auto module_pair = hsm4::crypto::x25519_from_secret(vector.resp_ephemeral);
    if (!module_pair) return module_pair.error();

    std::optional<hsm4::crypto::PublicKey> pinned;
    std::optional<hsm4::crypto::KeyPair> own;
    if (vector.pattern != Pattern::nn) {
        auto pair = hsm4::crypto::x25519_from_secret(vector.resp_static);
        if (!pair) return pair.error();
        own = std::move(*pair);
        pinned = vector.init_remote_static;
    }
    std::optional<View> host_psk;
    std::optional<View> module_psk;
    if (vector.pattern == Pattern::nkpsk0) {
        host_psk = vector.init_psk;
        module_psk = vector.resp_psk;
    }
    auto initiator =
        hsm4::open::Initiator::start(vector.pattern, vector.suite, vector.init_prologue, pinned,
                                     host_psk, std::move(*host_pair));
    if (!initiator) return initiator.error();
    auto responder =
        hsm4::device::Responder::start(vector.pattern, vector.suite, vector.resp_prologue,
                                       std::move(own), module_psk, std::move(*module_pair));
    if (!responder) return responder.error();
    return NoiseSession{std::move(*initiator), std::move(*responder)};
}

Result<Bytes> NoiseSession::write(std::size_t index, bool from_initiator, View payload) {
    if (index == 0) return initiator_.write_message1(payload);
    if (index == 1) return responder_.write_message2(payload);
    Transport& sender = from_initiator ? host_.value() : module_.value();
    return of_direction(sender, from_initiator).encrypt_with_ad({}, payload);
}

Result<SecretBytes> NoiseSession::read(std::size_t index, bool from_initiator, View message) {
    if (index == 0) return responder_.read_message1(message);
    if (index == 1) {
        auto payload = initiator_.read_message2(message);
        if (!payload) return payload;
        if (Status done = split(); !done) return done.error();
        return payload;
    }
    Transport& receiver = from_initiator ? module_.value() : host_.value();
    return of_direction(receiver, from_initiator).decrypt_with_ad({}, message);
}

Status NoiseSession::split() {
    auto host = initiator_.split();
    if (!host) return host.error();
    auto module = responder_.split();
    if (!module) return module.error();
    host_ = std::move(*host);
    module_ = std::move(*module);
    return hsm4::ok();
}

}  // namespace vectors
