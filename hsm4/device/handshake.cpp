// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The responder's half of a Noise handshake: each token of the pattern is one labelled step.
#include "hsm4/device/handshake.hpp"

namespace hsm4::device {

using wire::noise::Pattern;

Responder::Responder(wire::noise::SymmetricState symmetric, crypto::KeyPair ephemeral)
    : symmetric_{std::move(symmetric)}, ephemeral_{std::move(ephemeral)} {}

Result<Responder> Responder::start(Pattern pattern, wire::noise::Suite suite, View prologue,
                                   std::optional<crypto::KeyPair> local_static,
                                   std::optional<View> psk,
                                   std::optional<crypto::KeyPair> ephemeral) {
    const bool wants_static = pattern != Pattern::nn;
    const bool wants_psk = pattern == Pattern::nkpsk0;
    if (local_static.has_value() != wants_static || psk.has_value() != wants_psk)
        return Error{Errc::usage, "handshake pattern without its keys"};
    std::optional<Secret<32>> shared;
    if (psk) {
        if (psk->size() != crypto::key_size)
            return Error{Errc::malformed, "length of the pre-shared key"};
        shared.emplace(psk->first<crypto::key_size>());
    }
    auto pair =
        ephemeral ? Result<crypto::KeyPair>{std::move(*ephemeral)} : crypto::x25519_generate();
    if (!pair) return pair.error();
    auto symmetric = wire::noise::SymmetricState::start(pattern, suite, prologue);
    if (!symmetric) return symmetric.error();
    Responder self{std::move(*symmetric), std::move(*pair)};
    // <- s  (pre-message: the initiator knows it)
    if (local_static) {
        Status mixed = self.symmetric_.mix_hash(local_static->public_key);
        if (!mixed) return mixed.error();
    }
    self.local_static_ = std::move(local_static);
    self.psk_ = std::move(shared);
    return self;
}

/// -> [psk,] e [, es]
Result<SecretBytes> Responder::read_message1(View message) {
    auto remote = to_array<crypto::key_size>(
        message.first(std::min(message.size(), crypto::key_size)), "handshake message");
    if (!remote) return remote.error();
    // psk
    if (psk_) {
        if (Status mixed = symmetric_.mix_key_and_hash(psk_->view()); !mixed) return mixed.error();
    }
    // e, and in a handshake with psk also MixKey(e) (section 9.2)
    if (Status mixed = symmetric_.mix_hash(*remote); !mixed) return mixed.error();
    if (psk_) {
        if (Status mixed = symmetric_.mix_key(*remote); !mixed) return mixed.error();
    }
    remote_ephemeral_ = *remote;
    // es
    if (local_static_) {
        auto shared = crypto::x25519(local_static_->secret.view(), *remote);
        if (!shared) return shared.error();
        if (Status mixed = symmetric_.mix_key(shared->view()); !mixed) return mixed.error();
    }
    return symmetric_.decrypt_and_hash(message.subspan(crypto::key_size));
}

/// <- e, ee
Result<Bytes> Responder::write_message2(View payload) {
    if (!remote_ephemeral_) return Error{Errc::usage, "handshake answer before its question"};
    // e
    Bytes message{ephemeral_.public_key.begin(), ephemeral_.public_key.end()};
    if (Status mixed = symmetric_.mix_hash(ephemeral_.public_key); !mixed) return mixed.error();
    if (psk_) {
        if (Status mixed = symmetric_.mix_key(ephemeral_.public_key); !mixed) return mixed.error();
    }
    // ee
    auto shared = crypto::x25519(ephemeral_.secret.view(), *remote_ephemeral_);
    if (!shared) return shared.error();
    if (Status mixed = symmetric_.mix_key(shared->view()); !mixed) return mixed.error();
    auto sealed = symmetric_.encrypt_and_hash(payload);
    if (!sealed) return sealed;
    append(message, *sealed);
    return message;
}

Result<wire::noise::Transport> Responder::split() { return symmetric_.split(); }

}  // namespace hsm4::device
