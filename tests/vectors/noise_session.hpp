// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One Noise vector, and the host's and the module's half of its handshake side by side.
#pragma once

#include <optional>
#include <vector>

#include "hsm4/device/handshake.hpp"
#include "hsm4/open/handshake.hpp"

namespace vectors {

struct Message {
    hsm4::Bytes payload;
    hsm4::Bytes ciphertext;
    bool from_initiator = true;
};

struct NoiseVector {
    hsm4::wire::noise::Pattern pattern{};
    hsm4::wire::noise::Suite suite{};
    hsm4::Bytes init_prologue;
    hsm4::Bytes resp_prologue;
    hsm4::Array<32> init_ephemeral{};
    hsm4::Array<32> resp_ephemeral{};
    hsm4::Array<32> resp_static{};                 ///< not for NN
    hsm4::crypto::PublicKey init_remote_static{};  ///< not for NN
    hsm4::Bytes init_psk;                          ///< for NKpsk0
    hsm4::Bytes resp_psk;
    std::optional<hsm4::crypto::Hash> handshake_hash;
    std::vector<Message> messages;  ///< the first two are the handshake
};

/// Both ends. Each message is written by one end and read by the other, in order.
class NoiseSession {
public:
    static hsm4::Result<NoiseSession> start(const NoiseVector& vector);

    hsm4::Result<hsm4::Bytes> write(std::size_t index, bool from_initiator, hsm4::View payload);
    /// After the second message both ends split.
    hsm4::Result<hsm4::SecretBytes> read(std::size_t index, bool from_initiator,
                                         hsm4::View message);

    /// After the handshake.
    const hsm4::crypto::Hash& initiator_hash() const { return host_.value().handshake_hash; }
    const hsm4::crypto::Hash& responder_hash() const { return module_.value().handshake_hash; }

private:
    NoiseSession(hsm4::open::Initiator initiator, hsm4::device::Responder responder)
        : initiator_{std::move(initiator)}, responder_{std::move(responder)} {}
    hsm4::Status split();

    hsm4::open::Initiator initiator_;
    hsm4::device::Responder responder_;
    std::optional<hsm4::wire::noise::Transport> host_;
    std::optional<hsm4::wire::noise::Transport> module_;
};

}  // namespace vectors
