// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What can go wrong with a transfer on an I2C bus, and when it shall.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "hsm4/bytes.hpp"

namespace hsm4::bench {

struct Fault {
    enum class Kind : std::uint8_t {
        nack,       ///< not acknowledged: 0 the address, N the Nth byte; of a read only the address
        corrupt,    ///< bit N of the bytes is turned over
        truncate,   ///< only N bytes get through; the rest of a read is ones
        duplicate,  ///< a write reaches the module twice; what was read can be read once more
        swallow,    ///< acknowledged, and without effect; a read gives ones
        short_count,  ///< the ioctl says that no message was transferred
        again,        ///< EAGAIN
        timed_out,    ///< ETIMEDOUT; N odd: the transfer had its effect all the same
        io,           ///< EIO; N odd: the transfer had its effect all the same
        silence,      ///< the module acknowledges nothing for N ms
        wtx,          ///< the module asks N times for time before it answers
        reset,        ///< the module loses its power for a moment
    } kind = Kind::nack;
    std::uint32_t n = 0;
};

/// One transfer that the module was ready for. Polls of a busy module are none.
struct Transfer {
    std::uint32_t number = 0;  ///< from 0
    bool is_read = false;
    std::size_t size = 0;
};

using FaultPlan = std::function<std::optional<Fault>(const Transfer&)>;

/// "corrupt:3", "silence:400", "again" (N = 0).
std::optional<Fault> parse_fault(std::string_view text);
/// A fault of any kind and size that fits the transfer; `draw(limit)` gives 0 to limit - 1.
Fault any_fault(const Transfer& transfer, const std::function<std::uint32_t(std::uint32_t)>& draw);
const char* name_of(Fault::Kind kind) noexcept;

}  // namespace hsm4::bench
