// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The C boundary: nothing is thrown across it, and only four return values leave it.
#pragma once

#include <cerrno>

#include "hsm4/result.hpp"

namespace hsm4::plugin {

/// 0, -ENOENT (not ours, unusable, refused), -EAGAIN (absent, not answering), -ENOANO (PIN): any
/// other value ends libcryptsetup's search, and so hides the user's other tokens.
int token_errno(Errc code) noexcept;

template <class Body>
int at_c_boundary(Body body) noexcept try {
    if (Status done = body(); !done) return token_errno(done.error().code);
    return 0;
} catch (...) {
    return -EAGAIN;  // never -ENOMEM
}

}  // namespace hsm4::plugin
