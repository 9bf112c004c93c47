// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One way to the vendor's software: its library, or its stand-alone programs. Bytes in, bytes out;
// what they mean is ZymbitModule's.
#pragma once

#include <cstdint>
#include <string>

#include "hsm4/result.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::zymbit {

struct Identity {
    std::string model;     ///< empty where the software does not tell
    std::string firmware;  ///< likewise
    std::string serial;    ///< printable, without blanks; never empty
};

struct BindingInfo {
    bool locked = false;  ///< production
    bool bound = false;   ///< host, card and salt are accepted
};

/// Locked keys are opaque: their format is the vendor's secret. They and what is in them stay below
/// this size.
inline constexpr std::size_t longest_answer = 4096;

/// Every call is bounded by the budget that the implementation was made with. Errors: no_software,
/// occupied, no_device, timeout, bus, refused, wrong_state, malformed, io. Not thread-safe.
class Access {
public:
    virtual ~Access() = default;

    virtual Result<Identity> identify() = 0;
    virtual Result<BindingInfo> binding() = 0;
    virtual Result<Bytes> lock(View plaintext) = 0;
    virtual Result<SecretBytes> unlock(View locked) = 0;
    virtual Result<SecretBytes> random(std::size_t size) = 0;
};

}  // namespace hsm4::zymbit
