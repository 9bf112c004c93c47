// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// UNLOCK.
#include "hsm4/open/unlock.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/cose.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

constexpr std::size_t longest_request =
    1 + wire::binding_size + 1 + wire::longest_pin + wire::longest_blob;
static_assert(longest_request + crypto::tag_size <= wire::t1::longest_message);

}  // namespace

Status check_locked_key(const crypto::PublicKey& verify_key, View locked_key,
                        const VolumeBinding& binding) {
    if (locked_key.empty() || locked_key.size() > wire::longest_blob)
        return Error{Errc::malformed, "length of the locked key"};
    auto payload = wire::cose::verify1(verify_key, binding, locked_key);
    if (payload) return ok();
    if (payload.error().code == Errc::unauthentic)
        return Error{Errc::unauthentic, "signature of the locked key"};
    return payload.error();
}

// request: UNLOCK | binding 32 | locked key, or UNLOCK_PIN | binding 32 | pin_len u8 | pin |
//          locked key        answer: key
Result<SecretBytes> unlock_key(Channel& channel, View locked_key, const VolumeBinding& binding,
                               std::optional<View> pin) {
    if (pin && (pin->empty() || pin->size() > wire::longest_pin))
        return Error{Errc::usage, "length of the PIN"};
    const auto opcode = pin ? wire::Opcode::unlock_pin : wire::Opcode::unlock;
    wire::Writer request{longest_request};
    request.put(static_cast<std::uint8_t>(opcode)).put(View{binding});
    if (pin) request.put(static_cast<std::uint8_t>(pin->size())).put(*pin);
    request.put(locked_key);
    if (request.view().size() < 1 + wire::binding_size + locked_key.size())
        return Error{Errc::malformed, "length of the locked key"};

    auto answer = channel.request(request.view());
    if (!answer) return answer.error();
    auto key = answer_fields(*answer);
    if (!key) return key.error();
    if (key->empty() || key->size() > wire::longest_key)
        return Error{Errc::malformed, "length of the unlocked key"};
    return SecretBytes{*key};
}

}  // namespace hsm4::open
