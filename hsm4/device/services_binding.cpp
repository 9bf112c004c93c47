// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// BIND in its two phases, ATTEST, and BIND_LOCK.
#include "hsm4/device/service.hpp"

namespace hsm4::device {

using wire::Answer;
using wire::Reader;
using wire::Writer;

Reply on_attest(Core& core, Session& session, Reader& in) {
    const auto nonce = in.array<wire::attest_nonce_size>();
    if (!in.done()) return reject(Answer::malformed);
    core.restart_attestation();
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
    if (!core.rng().fill(prepared.salt)) return reject(Answer::failure);
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
    return done(core.offer(slot, std::move(binding)));
}

// slots to keep u8 (bit N: slot N), the host's own among them
Reply on_bind_lock(Core& core, Session& session, Reader& in) {
    const auto kept = in.get<std::uint8_t>();
    if (!in.done() || (kept >> session.peer.slot & 1U) == 0 || kept >> wire::slot_count != 0)
        return reject(Answer::malformed);
    if (core.state().life_cycle != wire::LifeCycle::development) return reject(Answer::wrong_state);
    return done(core.lock_binding(kept));
}

}  // namespace hsm4::device
