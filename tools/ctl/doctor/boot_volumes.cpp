// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Walking down from the root file system in sysfs.
#include "tools/ctl/doctor/boot_volumes.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "hsm4/boot_medium.hpp"

namespace hsm4::ctl::doctor {

namespace fs = std::filesystem;

namespace {

constexpr int deepest_stack = 8;

bool is_luks2(const fs::path& device) {
    std::string uuid;
    std::ifstream{device / "dm/uuid"} >> uuid;
    return uuid.starts_with("CRYPT-LUKS2-");
}

void collect(const fs::path& device, const Machine& machine, int levels,
             std::vector<std::string>& found) {
    std::error_code failed;
    if (levels == 0) return;
    for (const auto& entry : fs::directory_iterator{device / "slaves", failed}) {
        const fs::path below = fs::canonical(entry.path(), failed);
        const std::string node = machine.dev + '/' + entry.path().filename().string();
        if (is_luks2(device) && std::ranges::find(found, node) == found.end())
            found.push_back(node);
        collect(below, machine, levels - 1, found);
    }
}

}  // namespace

std::vector<std::string> root_volumes(const Machine& machine) {
    std::vector<std::string> found;
    if (const auto device = sysfs_of_mount("/", machine))
        collect(*device, machine, deepest_stack, found);
    return found;
}

}  // namespace hsm4::ctl::doctor
