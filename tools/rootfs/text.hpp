// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Small helpers with text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hsm4::rootfs {

/// "512 MiB", "1.4 GiB".
std::string in_units(std::uint64_t bytes);
/// "about 3 minutes".
std::string in_minutes(std::uint64_t seconds);
/// "a, b, c".
std::string joined(const std::vector<std::string>& words);

/// A small text file, or nothing when it cannot be read.
std::optional<std::string> whole_text(const std::filesystem::path& file);
/// Its first line; empty when it cannot be read.
std::string first_line(const std::filesystem::path& file);
/// The number that a file of sysfs holds.
std::optional<std::uint64_t> number_in(const std::filesystem::path& file);
/// Of the files in a directory; none when it cannot be read.
std::vector<std::string> names_in(const std::string& directory);

}  // namespace hsm4::rootfs
