// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// LOCK.
#include "hsm4/open/lock.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/cose.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

constexpr std::size_t longest_request =
    1 + wire::binding_size + 1 + wire::longest_pin + 1 + wire::longest_key;
static_assert(longest_request + crypto::tag_size <= wire::t1::longest_message);

}  // namespace

// request: opcode | binding 32 | pin_len u8 | pin | key_len u8 | key        answer: locked key
Result<Bytes> lock_key(Channel& channel, const crypto::PublicKey& verify_key, View key,
                       const VolumeBinding& binding, std::optional<View> pin,
                       Generation generation) {
    if (key.empty() || key.size() > wire::longest_key)
        return Error{Errc::usage, "length of the key to lock"};
    if (pin && (pin->empty() || pin->size() > wire::longest_pin))
        return Error{Errc::usage, "length of the PIN"};
    const View pin_bytes = pin.value_or(View{});
    const auto opcode =
        generation == Generation::next ? wire::Opcode::lock_ahead : wire::Opcode::lock;
    wire::Writer request{longest_request};
    request.put(static_cast<std::uint8_t>(opcode)).put(View{binding});
    request.put(static_cast<std::uint8_t>(pin_bytes.size())).put(pin_bytes);
    request.put(static_cast<std::uint8_t>(key.size())).put(key);

    auto answer = channel.request(request.view());
    if (!answer) return answer.error();
    auto locked = answer_fields(*answer);
    if (!locked) return locked.error();
    if (locked->size() > wire::longest_blob)
        return Error{Errc::malformed, "length of the locked key"};
    auto payload = wire::cose::verify1(verify_key, binding, *locked);
    if (!payload) return payload.error();
    return Bytes{locked->begin(), locked->end()};
}

}  // namespace hsm4::open
