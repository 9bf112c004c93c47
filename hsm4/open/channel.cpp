// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The secure channel.
#include "hsm4/open/channel.hpp"

#include "hsm4/open/handshake.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

using wire::noise::Pattern;

Error clear_refusal(std::byte status) {
    switch (static_cast<wire::Answer>(status)) {
        case wire::Answer::refused: return Error{Errc::refused, "opening a channel"};
        case wire::Answer::wrong_state: return Error{Errc::wrong_state, "opening a channel"};
        default: return Error{Errc::malformed, "the module's answer outside a channel"};
    }
}

struct NoiseChannel::Opening {
    wire::Clear type = wire::Clear::open_nk;
    Pattern pattern = Pattern::nk;
    const ModuleKeys& module;
    std::uint8_t slot = 0;
    std::optional<View> psk;
};

Result<NoiseChannel> NoiseChannel::open_nk(Link& link, const ModuleKeys& module,
                                           const Deadline& deadline) {
    return open(link, {wire::Clear::open_nk, Pattern::nk, module, 0, std::nullopt}, deadline);
}

Result<NoiseChannel> NoiseChannel::open_psk(Link& link, const ModuleKeys& module, std::uint8_t slot,
                                            const Secret<wire::psk_size>& psk,
                                            const Deadline& deadline) {
    return open(link, {wire::Clear::open_psk, Pattern::nkpsk0, module, slot, psk.view()}, deadline);
}

// host -> module: OPEN_NK | msg1, or OPEN_PSK | slot | msg1        module -> host: msg2
Result<NoiseChannel> NoiseChannel::open(Link& link, const Opening& opening,
                                        const Deadline& deadline) {
    auto initiator = Initiator::start(
        opening.pattern, wire::noise::Suite::chachapoly_sha256,
        wire::prologue(opening.type, opening.slot, opening.module.module_id, link.parameters()),
        opening.module.public_key, opening.psk);
    if (!initiator) return initiator.error();
    auto message1 = initiator->write_message1({});
    if (!message1) return message1.error();

    Bytes request{static_cast<std::byte>(opening.type)};
    if (opening.type == wire::Clear::open_psk)
        request.push_back(static_cast<std::byte>(opening.slot));
    append(request, *message1);
    auto message2 = link.exchange(request, deadline);
    if (!message2) return message2.error();
    if (message2->size() == 1) return clear_refusal(message2->front());
    if (message2->size() != wire::handshake_size)
        return Error{Errc::malformed, "length of the handshake's answer"};
    auto payload = initiator->read_message2(*message2);
    if (!payload) return payload.error();
    auto transport = initiator->split();
    if (!transport) return transport.error();
    return NoiseChannel{link, std::move(*transport), deadline};
}

Result<SecretBytes> NoiseChannel::request(View message) {
    auto sealed = transport_.initiator_to_responder.encrypt_with_ad({}, message);
    if (!sealed) return sealed.error();
    auto answer = link_->exchange(*sealed, deadline_);
    if (!answer) return answer.error();
    if (answer->size() == 1) {
        // The module was reset and has lost the channel: a new exchange mends that.
        if (answer->front() == static_cast<std::byte>(wire::Answer::malformed))
            return Error{Errc::bus, "the module has lost the channel"};
        return clear_refusal(answer->front());
    }
    auto opened = transport_.responder_to_initiator.decrypt_with_ad({}, *answer);
    if (!opened) return Error{Errc::unauthentic, "the module's answer"};
    if (opened->empty()) return Error{Errc::malformed, "the module's answer"};
    return opened;
}

}  // namespace hsm4::open
