// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's random numbers: two sources, of which one may fail.
#pragma once

#include <cstdint>

#include "hsm4/crypto.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::device {

/// Kernel's bytes XOR the output of a generator that is keyed by the device secret and the number
/// of the power-on, so that a kernel without entropy does not make the module repeat itself.
class Rng {
public:
    /// `power_on` must never be the same twice.
    static Result<Rng> seed(const Secret<32>& device_secret, std::uint32_t power_on);

    Status fill(std::span<std::byte> out);

private:
    // cppcheck-suppress passedByValue  // it cannot be copied
    explicit Rng(Secret<32> key) noexcept : key_{std::move(key)} {}

    Secret<32> key_;
};

}  // namespace hsm4::device
