// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// How fast the disk is.
#pragma once

#include <cstdint>
#include <string>

#include "hsm4/clock.hpp"
#include "hsm4/result.hpp"

namespace hsm4::rootfs {

struct Rates {
    std::uint64_t read = 0;  ///< bytes per second
    std::uint64_t write = 0;
};

/// Writes and reads back a nameless file in `directory`, past the page cache. It is gone at the
/// end, however this ends.
Result<Rates> measure_rates(const std::string& directory, const Clock& clock);

}  // namespace hsm4::rootfs
