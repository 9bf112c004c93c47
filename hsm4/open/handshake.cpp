// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The initiator's half of a Noise handshake: each token of the pattern is one labelled step.
#include "hsm4/open/handshake.hpp"

namespace hsm4::open {

using wire::noise::Pattern;

namespace {

/// Which keys a pattern needs: each must be there exactly when the pattern has its token.
bool keys_fit(Pattern pattern, bool has_static, bool has_psk) noexcept {
    return has_static == (pattern != Pattern::nn) && has_psk == (pattern == Pattern::nkpsk0);
}

}  // namespace

Initiator::Initiator(wire::noise::SymmetricState symmetric, crypto::KeyPair ephemeral)
    : symmetric_{std::move(symmetric)}, ephemeral_{std::move(ephemeral)} {}

Result<Initiator> Initiator::start(Pattern pattern, wire::noise::Suite suite, View prologue,
                                   const std::optional<crypto::PublicKey>& remote_static,
                                   std::optional<View> psk,
                                   std::optional<crypto::KeyPair> ephemeral) {
    if (!keys_fit(pattern, remote_static.has_value(), psk.has_value()))
        return Error{Errc::usage, "keys do not fit the handshake pattern"};
    if (psk && psk->size() != 32) return Error{Errc::usage, "pre-shared key is not 32 bytes"};
    if (!ephemeral) {
        auto drawn = crypto::x25519_generate();
        if (!drawn) return drawn.error();
        ephemeral = std::move(*drawn);
    }
    auto symmetric = wire::noise::SymmetricState::start(pattern, suite, prologue);
    if (!symmetric) return symmetric.error();

    Initiator self{std::move(*symmetric), std::move(*ephemeral)};
    self.remote_static_ = remote_static;
    if (psk) self.psk_.emplace(psk->first<32>());
    // pre-message "<- s"
    if (remote_static) {
        if (Status done = self.symmetric_.mix_hash(*remote_static); !done) return done.error();
    }
    return self;
}

// NN: -> e        NK: -> e, es        NKpsk0: -> psk, e, es
Result<Bytes> Initiator::write_message1(View payload) {
    // psk
    if (psk_) {
        if (Status done = symmetric_.mix_key_and_hash(psk_->view()); !done) return done.error();
    }
    // e; with a psk in the pattern it is mixed into the key as well (section 9.2)
    Bytes message{ephemeral_.public_key.begin(), ephemeral_.public_key.end()};
    if (Status done = symmetric_.mix_hash(ephemeral_.public_key); !done) return done.error();
    if (psk_) {
        if (Status done = symmetric_.mix_key(ephemeral_.public_key); !done) return done.error();
    }
    // es
    if (remote_static_) {
        auto shared = crypto::x25519(ephemeral_.secret.view(), *remote_static_);
        if (!shared) return shared.error();
        if (Status done = symmetric_.mix_key(shared->view()); !done) return done.error();
    }
    // payload
    auto sealed = symmetric_.encrypt_and_hash(payload);
    if (!sealed) return sealed.error();
    append(message, *sealed);
    return message;
}

// all patterns: <- e, ee
Result<SecretBytes> Initiator::read_message2(View message) {
    if (message.size() < crypto::key_size) return Error{Errc::malformed, "handshake answer"};
    auto remote_ephemeral =
        to_array<crypto::key_size>(message.first(crypto::key_size), "handshake answer");
    if (!remote_ephemeral) return remote_ephemeral.error();
    // e
    if (Status done = symmetric_.mix_hash(*remote_ephemeral); !done) return done.error();
    if (psk_) {
        if (Status done = symmetric_.mix_key(*remote_ephemeral); !done) return done.error();
    }
    // ee
    auto shared = crypto::x25519(ephemeral_.secret.view(), *remote_ephemeral);
    if (!shared) return shared.error();
    if (Status done = symmetric_.mix_key(shared->view()); !done) return done.error();
    // payload
    return symmetric_.decrypt_and_hash(message.subspan(crypto::key_size));
}

Result<wire::noise::Transport> Initiator::split() { return symmetric_.split(); }

}  // namespace hsm4::open
