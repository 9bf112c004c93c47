// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading /var/lib/zymbit and /proc.
#include "hsm4/zymbit/vendor_files.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "hsm4/files.hpp"

namespace hsm4::zymbit {

namespace {

constexpr std::size_t longest_serial = 64;
constexpr std::size_t longest_environment = 4096;
constexpr std::size_t longest_stat = 1024;

bool prints(unsigned char letter) noexcept { return letter > 0x20 && letter < 0x7f; }

bool is_number(const std::string& name) {
    return !name.empty() && std::ranges::all_of(name, [](unsigned char letter) {
        return letter >= '0' && letter <= '9';
    });
}

std::string text_of(const std::string& path, std::size_t longest) {
    auto content = read_file(path, longest);
    if (!content) return {};
    return {reinterpret_cast<const char*>(content->view().data()), content->size()};
}

bool is_name(std::string_view name) {
    return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
           std::ranges::all_of(name, [](unsigned char letter) {
               return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
                      (letter >= '0' && letter <= '9') || letter == '_';
           });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// "NAME=VALUE" of a line of zkenv.conf, which a shell could read as well.
std::optional<std::string> assignment(std::string_view line) {
    constexpr std::string_view keyword = "export ";
    line = trimmed(line);
    if (line.starts_with(keyword)) line = trimmed(line.substr(keyword.size()));
    const auto equals = line.find('=');
    if (equals == line.npos) return std::nullopt;
    const std::string_view name = line.substr(0, equals);
    std::string_view value = line.substr(equals + 1);
    const bool quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                        value.front() == value.back();
    if (quoted) value = value.substr(1, value.size() - 2);
    // The file belongs to the daemon's user; it must not choose what a root process runs.
    if (!is_name(name) || name == "PATH" || name.starts_with("LD_")) return std::nullopt;
    return std::string{name} + '=' + std::string{value};
}

void set(std::vector<std::string>& environment, std::string variable) {
    const std::string name = variable.substr(0, variable.find('=') + 1);
    std::erase_if(environment, [&](const std::string& old) { return old.starts_with(name); });
    environment.push_back(std::move(variable));
}

}  // namespace

std::string printable(std::string_view text) {
    std::string clean;
    std::ranges::copy_if(text, std::back_inserter(clean),
                         [](unsigned char letter) { return prints(letter) || letter == ' '; });
    return std::string{trimmed(clean)};
}

std::string serial_from(std::string_view told, const VendorFiles& files) {
    std::string serial;
    std::ranges::copy_if(told, std::back_inserter(serial), prints);
    std::error_code ignored;
    if (serial.empty())
        for (const auto& entry : std::filesystem::directory_iterator{files.state, ignored})
            if (std::filesystem::exists(entry.path() / "s1_fp_salt.bin", ignored))
                std::ranges::copy_if(entry.path().filename().string(), std::back_inserter(serial),
                                     prints);
    if (serial.empty()) return "unknown";
    return serial.substr(0, longest_serial);
}

bool has_network_card(const VendorFiles& files) {
    std::error_code failed;
    const std::filesystem::directory_iterator cards{files.network, failed};
    if (failed) return true;
    // eth0, end0, enp2s0, enxb827eb…: as the vendor's keyscript waits for them.
    return std::any_of(begin(cards), end(cards), [](const auto& card) {
        return card.path().filename().string().starts_with('e');
    });
}

bool zkifc_runs(const VendorFiles& files) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{files.proc, ignored}) {
        if (!is_number(entry.path().filename().string())) continue;
        // "PID (comm) STATE …"; a zombie no longer owns the module.
        const std::string stat = text_of(entry.path() / "stat", longest_stat);
        const auto name = stat.find("(zkifc) ");
        if (name != stat.npos && stat.compare(name + 8, 1, "Z") != 0) return true;
    }
    return false;
}

std::vector<std::string> program_environment(const VendorFiles& files) {
    std::vector<std::string> environment;
    for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable)
        environment.emplace_back(*variable);
    const std::string text = text_of(files.state + "/zkenv.conf", longest_environment);
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(rest.size(), line.size() + 1));
        if (auto variable = assignment(line)) set(environment, std::move(*variable));
    }
    return environment;
}

}  // namespace hsm4::zymbit
