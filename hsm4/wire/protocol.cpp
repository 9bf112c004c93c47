// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Byte strings of the open protocol that both ends must form alike.
#include "hsm4/wire/protocol.hpp"

namespace hsm4::wire {

namespace {

constexpr std::string_view id_domain = "hsm4 module id v1";
constexpr std::string_view prologue_domain = "hsm4-open";
constexpr std::string_view attest_domain = "hsm4 attest v1";

void append_u16(Bytes& bytes, std::uint16_t value) {
    bytes.push_back(static_cast<std::byte>(value >> 8));
    bytes.push_back(static_cast<std::byte>(value & 0xffU));
}

}  // namespace

Result<crypto::Hash> key_fingerprint(const crypto::PublicKey& x25519,
                                     const crypto::PublicKey& ed25519) {
    Bytes keys{x25519.begin(), x25519.end()};
    append(keys, ed25519);
    return crypto::sha256(view_of(id_domain), keys);
}

Result<ModuleId> module_id_of(const crypto::PublicKey& x25519, const crypto::PublicKey& ed25519) {
    auto fingerprint = key_fingerprint(x25519, ed25519);
    if (!fingerprint) return fingerprint.error();
    return to_array<module_id_size>(View{*fingerprint}.first(module_id_size), "module id");
}

Bytes prologue(Clear type, std::uint8_t slot, const ModuleId& module,
               const LinkParameters& parameters) {
    Bytes bytes;
    append(bytes, view_of(prologue_domain));
    bytes.push_back(std::byte{protocol_version});
    bytes.push_back(static_cast<std::byte>(type));
    bytes.push_back(std::byte{slot});
    append(bytes, module);
    append_u16(bytes, parameters.ifsc);
    append_u16(bytes, parameters.ifsd);
    append(bytes, parameters.cip);
    return bytes;
}

Bytes attested_text(const ModuleId& module, const Array<attest_nonce_size>& nonce,
                    std::uint8_t state, std::uint32_t generation,
                    const crypto::Hash& handshake_hash) {
    Bytes text;
    append(text, view_of(attest_domain));
    append(text, module);
    append(text, nonce);
    text.push_back(std::byte{state});
    append_u16(text, static_cast<std::uint16_t>(generation >> 16));
    append_u16(text, static_cast<std::uint16_t>(generation & 0xffffU));
    append(text, handshake_hash);
    return text;
}

}  // namespace hsm4::wire
