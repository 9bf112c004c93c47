// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// REVOKE.
#include "hsm4/open/revoke.hpp"

#include "hsm4/open/answer.hpp"
#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace {

Result<std::uint32_t> request_generation(Channel& channel, const wire::Writer& request) {
    auto answer = channel.request(request.view());
    if (!answer) return answer.error();
    auto body = answer_fields(*answer);
    if (!body) return body.error();
    wire::Reader fields{*body};
    const auto generation = fields.get<std::uint32_t>();
    if (!fields.done()) return Error{Errc::malformed, "the module's generation"};
    return generation;
}

wire::Writer begin(wire::RevokeRequest what, std::size_t size) {
    wire::Writer request{2 + size};
    request.put(static_cast<std::uint8_t>(wire::Opcode::revoke));
    request.put(static_cast<std::uint8_t>(what));
    return request;
}

}  // namespace

// request: opcode | 0 | binding 32 | locked key        answer: generation u32
Result<std::uint32_t> generation_of(Channel& channel, View locked_key,
                                    const VolumeBinding& binding) {
    if (locked_key.empty() || locked_key.size() > wire::longest_blob)
        return Error{Errc::malformed, "length of the locked key"};
    wire::Writer request =
        begin(wire::RevokeRequest::inspect, wire::binding_size + wire::longest_blob);
    request.put(View{binding}).put(locked_key);
    return request_generation(channel, request);
}

// request: opcode | 1 | from u32        answer: generation u32
Result<std::uint32_t> revoke(Channel& channel, std::uint32_t from) {
    wire::Writer request = begin(wire::RevokeRequest::revoke, sizeof from);
    request.put(from);
    auto generation = request_generation(channel, request);
    if (generation && *generation != from + 1)
        return Error{Errc::malformed, "the module's generation"};
    return generation;
}

}  // namespace hsm4::open
