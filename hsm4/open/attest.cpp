// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// ATTEST.
#include "hsm4/open/attest.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/open/state.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

// request: opcode | nonce 32        answer: state u8 | generation u32 | signature 64
Result<Attestation> request_attestation(Channel& channel, const ModuleKeys& module) {
    Attestation attestation;
    if (Status drawn = crypto::random_bytes(attestation.nonce); !drawn) return drawn.error();
    attestation.handshake_hash = channel.handshake_hash();
    Bytes request{static_cast<std::byte>(wire::Opcode::attest)};
    append(request, attestation.nonce);
    auto answer = channel.request(request);
    if (!answer) return answer.error();
    auto body = answer_fields(*answer);
    if (!body) return body.error();

    wire::Reader fields{*body};
    const auto state = fields.get<std::uint8_t>();
    const auto generation = fields.get<std::uint32_t>();
    attestation.signature = fields.array<crypto::signature_size>();
    if (!fields.done()) return Error{Errc::malformed, "the module's attestation"};
    const Bytes text = wire::attested_text(module.module_id, attestation.nonce, state, generation,
                                           attestation.handshake_hash);
    if (Status valid = crypto::ed25519_verify(module.verify_key, text, attestation.signature);
        !valid)
        return Error{valid.error().code, "signature of the module's attestation"};
    auto status = decode_state(state);
    if (!status) return status.error();
    attestation.status = *status;
    attestation.status.generation = generation;
    return attestation;
}

}  // namespace hsm4::open
