// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What a conversion says at boot, kept on the boot partition: where a person can read it on another
// machine when this one does not come up.
#pragma once

#include <cstdint>
#include <string>

namespace hsm4::rootfs {

inline constexpr std::uint64_t log_size = 64U << 10;

/// `line`, with the time, behind what the file holds already: text, and zeros up to its end. The
/// file keeps its size; when it is full, or not there, nothing happens.
void append_to_log(const std::string& path, const std::string& line);

/// The text in it.
std::string text_of_log(const std::string& path);

}  // namespace hsm4::rootfs
