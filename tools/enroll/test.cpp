// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Trying the tokens.
#include "tools/enroll/test.hpp"

#include <cstdio>
#include <optional>

#include "hsm4/token.hpp"

namespace hsm4::enroll {

Done test(const Volume& volume) {
    std::optional<Problem> first;
    for (const RawToken& token : volume.tokens()) {
        if (token.type != token_type) continue;
        Done opened = volume.open_by_token(token.id);
        if (opened) {
            std::printf("%s: token %d opens the volume.\n", volume.place().device.c_str(),
                        token.id);
            return done();
        }
        if (!first) first = opened.error();
    }
    if (first) return *first;
    return Problem{volume.place().device + " has no hsm4 token; hsm4-enroll adds one"};
}

}  // namespace hsm4::enroll
