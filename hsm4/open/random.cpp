// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// RANDOM.
#include "hsm4/open/random.hpp"

#include "hsm4/open/answer.hpp"

namespace hsm4::open {

// request: opcode | n u8        answer: n bytes
Result<SecretBytes> read_random(Channel& channel, std::size_t size) {
    if (size == 0 || size > wire::longest_random)
        return Error{Errc::usage, "number of random bytes"};
    const Array<2> request{static_cast<std::byte>(wire::Opcode::random),
                           static_cast<std::byte>(size)};
    auto answer = channel.request(request);
    if (!answer) return answer.error();
    auto bytes = answer_fields(*answer);
    if (!bytes) return bytes.error();
    if (bytes->size() != size) return Error{Errc::malformed, "number of random bytes"};
    return SecretBytes{*bytes};
}

}  // namespace hsm4::open
