// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Reading /lib/modules.
#include "tools/rootfs/kernels.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

/// "i2c-dev" of "kernel/drivers/i2c/i2c-dev.ko.xz: ..."; empty when it is no module.
std::string module_of(const std::string& line) {
    const auto end = line.find(".ko");
    if (end == line.npos) return {};
    const auto slash = line.rfind('/', end);
    const auto first = slash == line.npos ? 0 : slash + 1;
    std::string name = line.substr(first, end - first);
    std::ranges::replace(name, '_', '-');
    return name;
}

std::set<std::string> modules_of(const fs::path& directory) {
    std::set<std::string> found;
    for (const char* list : {"modules.builtin", "modules.dep"}) {
        std::ifstream lines{directory / list};
        for (std::string line; std::getline(lines, line);) found.insert(module_of(line));
    }
    return found;
}

}  // namespace

std::vector<std::string> installed_kernels(const std::string& root) {
    std::vector<std::string> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator{root + "/lib/modules", failed}) {
        const std::string version = entry.path().filename().string();
        if (fs::exists(root + "/boot/initrd.img-" + version, failed) ||
            fs::exists(root + "/boot/vmlinuz-" + version, failed))
            found.push_back(version);
    }
    std::ranges::sort(found);
    return found;
}

std::vector<std::string> missing_modules(const std::string& root, const std::string& version,
                                         const std::vector<std::string>& modules) {
    const auto there = modules_of(root + "/lib/modules/" + version);
    std::vector<std::string> missing;
    for (const std::string& module : modules) {
        std::string name = module;
        std::ranges::replace(name, '_', '-');
        if (!there.contains(name)) missing.push_back(module);
    }
    return missing;
}

}  // namespace hsm4::rootfs
