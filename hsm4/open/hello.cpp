// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// HELLO.
#include "hsm4/open/hello.hpp"

#include "hsm4/open/channel.hpp"
#include "hsm4/open/state.hpp"
#include "hsm4/wire/fields.hpp"
#include "hsm4/wire/protocol.hpp"

namespace hsm4::open {

Status check_module_id(const ModuleKeys& keys) {
    auto id = wire::module_id_of(keys.public_key, keys.verify_key);
    if (!id) return id.error();
    if (*id != keys.module_id) return Error{Errc::unauthentic, "module id and module keys"};
    return ok();
}

// answer: 0 | version u8 | state u8 | module_id 16 | X25519 key 32 | Ed25519 key 32
Result<Hello> hello(Link& link, const Deadline& deadline) {
    const Array<1> request{static_cast<std::byte>(wire::Clear::hello)};
    auto answer = link.exchange(request, deadline);
    if (!answer) return answer.error();
    if (answer->size() == 1) return clear_refusal(answer->front());

    wire::Reader fields{*answer};
    Hello hello;
    const auto status = fields.get<std::uint8_t>();
    hello.protocol_version = fields.get<std::uint8_t>();
    if (status != 0 || hello.protocol_version != wire::protocol_version)
        return Error{Errc::malformed, "the module speaks another protocol version"};
    auto state = decode_state(fields.get<std::uint8_t>());
    hello.keys.module_id = fields.array<wire::module_id_size>();
    hello.keys.public_key = fields.array<crypto::key_size>();
    hello.keys.verify_key = fields.array<crypto::key_size>();
    if (!fields.done()) return Error{Errc::malformed, "the module's HELLO"};
    if (!state) return state.error();
    hello.status = *state;
    if (Status fits = check_module_id(hello.keys); !fits) return fits.error();
    return hello;
}

}  // namespace hsm4::open
