// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The commands inside a channel: one table of opcodes, who may use them, and what does it.
#pragma once

#include <optional>

#include "hsm4/device/core.hpp"
#include "hsm4/wire/protocol.hpp"

namespace hsm4::device {

/// What a channel remembers between commands.
struct Session {
    Peer peer;
    struct Prepared {
        std::uint8_t slot = 0;
        Array<wire::salt_size> salt{};
    };
    std::optional<Prepared> prepared;  ///< by BIND_PREPARE
};

/// Executes one authentic request, and gives the answer to encrypt: a status, and fields.
SecretBytes serve(Core& core, Session& session, View request);

}  // namespace hsm4::device
