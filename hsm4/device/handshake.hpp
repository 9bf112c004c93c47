// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The responder's half of a Noise handshake (the module's).
//
//   NN:       -> e             <- e, ee
//   NK:       <- s  ...  -> e, es        <- e, ee
//   NKpsk0:   <- s  ...  -> psk, e, es   <- e, ee
#pragma once

#include <optional>

#include "hsm4/crypto.hpp"
#include "hsm4/wire/noise.hpp"

namespace hsm4::device {

class Responder {
public:
    /// `local_static` for NK and NKpsk0, `psk` (32 bytes) for NKpsk0. `ephemeral` is drawn when
    /// absent (test vectors bring their own). `usage` when pattern and keys do not go together.
    static Result<Responder> start(wire::noise::Pattern pattern, wire::noise::Suite suite,
                                   View prologue, std::optional<crypto::KeyPair> local_static,
                                   std::optional<View> psk,
                                   std::optional<crypto::KeyPair> ephemeral = std::nullopt);

    /// Checks the first message and gives its payload.
    Result<SecretBytes> read_message1(View message);
    /// Second message: e, and the encrypted payload.
    Result<Bytes> write_message2(View payload);
    Result<wire::noise::Transport> split();

private:
    Responder(wire::noise::SymmetricState symmetric, crypto::KeyPair ephemeral);

    wire::noise::SymmetricState symmetric_;
    crypto::KeyPair ephemeral_;
    std::optional<crypto::KeyPair> local_static_;
    std::optional<crypto::PublicKey> remote_ephemeral_;
    std::optional<Secret<32>> psk_;
};

}  // namespace hsm4::device
