// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// INFO.
#include "hsm4/open/info.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

/// u8 length, then printable ASCII: it is shown on terminals. Empty with `bad` set otherwise.
std::string printable(wire::Reader& fields, bool& bad) {
    const View bytes = fields.take(fields.get<std::uint8_t>());
    std::string text;
    for (const std::byte byte : bytes) {
        const char letter = std::to_integer<char>(byte);
        if (letter < ' ' || letter > '~') bad = true;
        text.push_back(letter);
    }
    return text;
}

}  // namespace

// answer: version u8 | module_id 16 | X25519 32 | Ed25519 32 | slots u8 | max key length u8 |
//         model (u8 length, ASCII) | firmware (u8 length, ASCII)
Result<ModuleInfo> read_info(Channel& channel, const ModuleKeys& module) {
    const Array<1> request{static_cast<std::byte>(wire::Opcode::info)};
    auto answer = channel.request(request);
    if (!answer) return answer.error();
    auto body = answer_fields(*answer);
    if (!body) return body.error();

    wire::Reader fields{*body};
    ModuleInfo info;
    ModuleKeys keys;
    bool bad = false;
    info.backend = "open";
    info.protocol_version = fields.get<std::uint8_t>();
    keys.module_id = fields.array<wire::module_id_size>();
    keys.public_key = fields.array<crypto::key_size>();
    keys.verify_key = fields.array<crypto::key_size>();
    const auto slots = fields.get<std::uint8_t>();
    const auto longest_key = fields.get<std::uint8_t>();
    info.model = printable(fields, bad);
    info.firmware = printable(fields, bad);
    if (!fields.done() || bad || slots != wire::slot_count || longest_key != wire::longest_key ||
        info.protocol_version != wire::protocol_version)
        return Error{Errc::malformed, "the module's INFO"};
    if (keys.module_id != module.module_id || keys.public_key != module.public_key ||
        keys.verify_key != module.verify_key)
        return Error{Errc::unauthentic, "keys in the module's INFO"};
    info.id = to_hex(keys.module_id);
    info.keys = keys;
    return info;
}

}  // namespace hsm4::open
