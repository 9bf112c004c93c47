// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Looking through the block devices.
#include "tools/enroll/machine.hpp"

#include <algorithm>
#include <filesystem>

#include "hsm4/token.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

namespace {

bool carries_token(const std::string& device) {
    auto volume = Volume::open({device, {}});
    if (!volume) return false;
    return std::ranges::any_of(volume->tokens(),
                               [](const RawToken& token) { return token.type == token_type; });
}

}  // namespace

std::vector<std::string> volumes_of_machine() {
    std::vector<std::string> found;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator{"/sys/class/block", failed}) {
        const std::string device = "/dev/" + entry.path().filename().string();
        if (carries_token(device)) found.push_back(device);
    }
    std::ranges::sort(found);
    return found;
}

}  // namespace hsm4::enroll
