// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One way to the vendor's software: its library, or its stand-alone programs. Bytes in, bytes out;
// what they mean is ZymbitModule's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "hsm4/module.hpp"
#include "hsm4/result.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::zymbit {

struct Identity {
    std::string model;     ///< empty where the software does not tell
    std::string firmware;  ///< likewise
    std::string serial;    ///< printable, without blanks; never empty
};

/// When each perimeter channel was first opened (seconds since 1970); 0: not since it was cleared.
using PerimeterTimes = std::array<std::uint32_t, perimeter_channels>;

struct State {
    bool locked = false;  ///< production
    bool bound = false;   ///< host, card and salt are accepted
    PerimeterTimes perimeter{};
    std::uint32_t clock = 0;  ///< seconds since 1970; 0 where the software does not tell
};

/// Locked keys are opaque: their format is the vendor's secret. They and what is in them stay below
/// this size.
inline constexpr std::size_t longest_answer = 4096;

/// Every call is bounded by the budget that the implementation was made with. Errors: no_software
/// (also for what this version cannot do), occupied, no_device, timeout, bus, refused, wrong_state,
/// malformed, unsupported, io. Not thread-safe.
class Access {
public:
    virtual ~Access() = default;

    virtual Result<Identity> identify() = 0;
    virtual Result<State> state() = 0;
    virtual Result<Bytes> lock(View plaintext) = 0;
    virtual Result<SecretBytes> unlock(View locked) = 0;
    virtual Result<SecretBytes> random(std::size_t size) = 0;
    virtual Status led(const LedOrder& order) = 0;
    virtual Result<PerimeterTimes> perimeter() = 0;
    /// Forgets the events of all channels, and arms them; `refused` when more than `known` channels
    /// have one.
    virtual Status clear_perimeter(std::uint32_t known) = 0;
    virtual Status set_perimeter_action(std::uint8_t channel, PerimeterAction action) = 0;
};

}  // namespace hsm4::zymbit
