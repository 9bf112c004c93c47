// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Figures for people, small files.
#include "tools/rootfs/text.hpp"

#include <array>
#include <cstdio>
#include <fstream>

#include "hsm4/files.hpp"

namespace hsm4::rootfs {

namespace {
constexpr std::size_t longest_text = 1U << 20;
}

std::string in_units(std::uint64_t bytes) {
    static constexpr std::array units{"bytes", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    auto value = static_cast<double>(bytes);
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    std::array<char, 40> text{};
    const bool fraction = unit > 2 && value < 100;
    std::snprintf(text.data(), text.size(), fraction ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text.data();
}

std::string in_minutes(std::uint64_t seconds) {
    if (seconds < 90) return "about " + std::to_string(seconds < 1 ? 1 : seconds) + " seconds";
    return "about " + std::to_string((seconds + 30) / 60) + " minutes";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::optional<std::string> whole_text(const std::filesystem::path& file) {
    auto content = read_file(file.string(), longest_text);
    if (!content) return std::nullopt;
    return std::string{reinterpret_cast<const char*>(content->view().data()), content->size()};
}

std::string first_line(const std::filesystem::path& file) {
    const std::string text = whole_text(file).value_or("");
    return text.substr(0, text.find('\n'));
}

std::optional<std::uint64_t> number_in(const std::filesystem::path& file) {
    std::ifstream stream{file};
    std::uint64_t value = 0;
    if (stream >> value) return value;
    return std::nullopt;
}

std::vector<std::string> names_in(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator{directory, failed})
        names.push_back(entry.path().filename().string());
    return names;
}

}  // namespace hsm4::rootfs
