// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What was never encrypted must not be readable: the part of a partition behind the encrypted one.
#pragma once

#include <cstdint>
#include <string>

#include "tools/rootfs/encryption.hpp"

namespace hsm4::rootfs {

/// Discards everything from `from` to the end of `device` (a block device or an image file). Where
/// samples then show anything but zeros, or ones throughout, as erased flash memory has them, or
/// nothing can be discarded, the whole range is read, and made zero where it shows anything else.
/// May be repeated. `from` is a multiple of 1 MiB.
Done clear_from(const std::string& device, std::uint64_t from, const Progress& progress);

}  // namespace hsm4::rootfs
