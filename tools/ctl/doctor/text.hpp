// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Files, as the checks read them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hsm4::ctl::doctor {

/// The whole file; nothing when it cannot be read.
std::optional<std::string> read_text(const std::string& path);
/// Byte by byte; false when one cannot be read.
bool same_content(const std::filesystem::path& left, const std::filesystem::path& right);
std::vector<std::string> lines_of(const std::string& text);
/// The words of a line, by blanks and tabs.
std::vector<std::string> words_of(const std::string& line);
/// In the order of their names; none when there is no such directory.
std::vector<std::filesystem::path> entries_of(const std::string& directory);

}  // namespace hsm4::ctl::doctor
