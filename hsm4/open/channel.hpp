// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The secure channel: a Noise handshake over the link, then commands as transport messages.
//
//   (link started) --open_nk / open_psk--> open --request--> open
//                                            any error: of no use any more
#pragma once

#include "hsm4/module.hpp"
#include "hsm4/open/link.hpp"
#include "hsm4/secret.hpp"
#include "hsm4/wire/noise.hpp"
#include "hsm4/wire/protocol.hpp"

namespace hsm4::open {

/// What a command needs of a channel; tests of commands replace it.
class Channel {
public:
    virtual ~Channel() = default;
    /// Sends a request, and gives the authentic answer (at least its status byte).
    virtual Result<SecretBytes> request(View message) = 0;
    /// Names this one run of the handshake; both ends know it.
    virtual const crypto::Hash& handshake_hash() const noexcept = 0;
};

/// A refusal in clear, as an error: it is a hint, nobody vouches for it.
Error clear_refusal(std::byte status);

/// Borrows the link. Errors of opening: `refused` and `wrong_state` as the module says,
/// `unauthentic` when the peer does not hold the pinned key, link faults.
class NoiseChannel final : public Channel {
public:
    /// Noise_NK: the module is authentic, the host is anybody.
    static Result<NoiseChannel> open_nk(Link& link, const ModuleKeys& module,
                                        const Deadline& deadline);
    /// Noise_NKpsk0: host and module prove the binding to each other.
    static Result<NoiseChannel> open_psk(Link& link, const ModuleKeys& module, std::uint8_t slot,
                                         const Secret<wire::psk_size>& psk,
                                         const Deadline& deadline);

    Result<SecretBytes> request(View message) override;
    const crypto::Hash& handshake_hash() const noexcept override {
        return transport_.handshake_hash;
    }

private:
    struct Opening;
    static Result<NoiseChannel> open(Link& link, const Opening& opening, const Deadline& deadline);
    NoiseChannel(Link& link, wire::noise::Transport transport, const Deadline& deadline)
        : link_{&link}, transport_{std::move(transport)}, deadline_{deadline} {}

    Link* link_;
    wire::noise::Transport transport_;
    Deadline deadline_;
};

}  // namespace hsm4::open
