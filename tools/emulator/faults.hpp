// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Faults between host and module, on demand, on whatever way the blocks go.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "hsm4/bytes.hpp"
#include "hsm4/clock.hpp"

namespace hsm4::emulator {

class Faults {
public:
    enum class Kind {
        none,
        drop,     ///< the host's block is lost
        corrupt,  ///< one bit of the module's answer is turned
        nak,      ///< the address is not acknowledged; on a socket as drop
        delay,    ///< the module takes 150 ms longer
        wtx,      ///< the module asks for waiting time first
    };
    static std::optional<Kind> parse(std::string_view text) noexcept;

    /// The next `count` blocks of the host suffer `kind`; replaces what was planned.
    void plan(Kind kind, std::uint32_t count) noexcept;
    /// Whether this write is not to be acknowledged; counts it if so.
    bool take_nak() noexcept;

    using Module = std::function<std::optional<Bytes>(View)>;
    /// Hands the host's block to `module`, and its answer back, as planned.
    std::optional<Bytes> pass(View block, Clock& clock, const Module& module);

private:
    Kind take() noexcept;

    Kind kind_ = Kind::none;
    std::uint32_t left_ = 0;
    std::optional<Bytes> held_;  ///< the answer, until the host has granted waiting time
};

}  // namespace hsm4::emulator
