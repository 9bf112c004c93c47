// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading the vendor's files, /sys and /proc.
#include "tools/ctl/doctor/vendor_system.hpp"

#include <algorithm>

#include "tools/ctl/doctor/text.hpp"

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

std::string leading_digits(std::string_view text) {
    return std::string{text.substr(0, text.find_first_not_of("0123456789"))};
}

}  // namespace

bool has_vendor_software(const std::string& root) {
    return is_there(root + vendor_state) || is_there(root + "/usr/lib/libzk_app_utils.so") ||
           is_there(root + "/usr/local/lib/libzk_app_utils.so") ||
           is_there(root + "/sbin/zkunlockifs");
}

std::vector<std::string> salts(const std::string& root) {
    std::vector<std::string> files;
    for (const fs::path& entry : entries_of(root + vendor_state))
        if (is_there(entry / "s1_fp_salt.bin"))
            files.push_back(entry.filename().string() + "/s1_fp_salt.bin");
    return files;
}

bool is_raspberry_pi(const std::string& root) {
    const auto model = read_text(root + "/proc/device-tree/model");
    return model && model->starts_with("Raspberry Pi");
}

std::optional<std::string> wake_pin(const std::string& root) {
    constexpr std::string_view name = "ZK_GPIO_WAKE_PIN=";
    const auto text = read_text(root + vendor_state + "/zkenv.conf");
    if (!text) return std::nullopt;
    for (const std::string& line : lines_of(*text)) {
        const auto at = line.find(name);
        if (at == line.npos || line.find('#') < at) continue;
        const std::string_view value = std::string_view{line}.substr(at + name.size());
        return leading_digits(value.substr(std::min(value.find_first_not_of("\"'"), value.size())));
    }
    return std::nullopt;
}

std::optional<std::string> number_of_gpio4(const std::string& root) {
    const auto text = read_text(root + "/sys/kernel/debug/gpio");
    if (!text) return std::nullopt;
    for (const std::string& line : lines_of(*text)) {
        const auto name = line.find("(GPIO4 ");
        const auto number = line.find("gpio-");
        if (name == line.npos || number == line.npos || number > name) continue;
        return leading_digits(std::string_view{line}.substr(number + 5));
    }
    return std::nullopt;
}

std::vector<std::string> network_modules(const std::string& root) {
    std::vector<std::string> modules;
    for (const fs::path& card : entries_of(root + "/sys/class/net")) {
        if (is_there(card / "wireless") || is_there(card / "phy80211")) continue;
        std::error_code failed;
        const fs::path module = fs::read_symlink(card / "device/driver/module", failed);
        if (!failed) modules.push_back(module.filename().string());
    }
    std::ranges::sort(modules);
    modules.erase(std::unique(modules.begin(), modules.end()), modules.end());
    return modules;
}

}  // namespace hsm4::ctl::doctor
