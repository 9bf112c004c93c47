// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading files of text.
#include "tools/ctl/doctor/text.hpp"

#include <algorithm>
#include <sstream>

#include "hsm4/files.hpp"

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t longest_text = 16U << 20;  // dpkg's records are the longest

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
    auto content = read_file(path, longest_text);
    if (!content) return std::nullopt;
    const View bytes = content->view();
    return std::string{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::istringstream stream{line};
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::vector<fs::path> entries_of(const std::string& directory) {
    std::error_code failed;
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator{directory, failed})
        found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

}  // namespace hsm4::ctl::doctor
