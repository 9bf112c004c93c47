// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the child that called the vendor's library tells its parent.
#pragma once

#include <cstdint>

#include "hsm4/result.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::zymbit {

/// How far it got.
enum class Stage : std::uint8_t {
    done,
    no_library,
    missing_function,  ///< one that is needed for everything
    unknown_function,  ///< one that this version does not have
    failed,            ///< the call gave a negative number, -errno
    unverified,        ///< the call gave nothing: the signature did not verify
    oversized,
    unbound,       ///< failed, and the module says that it is not bound
    foreign_host,  ///< failed, and it says that it is locked to another host, card or salt
    more_events,   ///< than the caller knows of: nothing was cleared
};

struct Reply {
    Stage stage = Stage::done;
    int detail = 0;  ///< errno of a failed call
    SecretBytes payload;
};

/// [stage, detail as four bytes, payload]
SecretBytes encode_reply(const Reply& reply);
/// The payload, or the error that the reply stands for.
Result<SecretBytes> decode_reply(View encoded);

}  // namespace hsm4::zymbit
