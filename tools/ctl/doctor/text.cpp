// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading files of text.
#include "tools/ctl/doctor/text.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

std::optional<std::string> read_text(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) return std::nullopt;
    return std::string{std::istreambuf_iterator<char>{file}, {}};
}

bool same_content(const fs::path& left, const fs::path& right) {
    std::ifstream one{left, std::ios::binary};
    std::ifstream other{right, std::ios::binary};
    using Bytes = std::istreambuf_iterator<char>;
    return one && other && std::equal(Bytes{one}, Bytes{}, Bytes{other}, Bytes{});
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
