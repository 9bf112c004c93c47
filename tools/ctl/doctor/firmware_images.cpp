// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading config.txt: "initramfs NAME …" and "auto_initramfs=1".
#include "tools/ctl/doctor/firmware_images.hpp"

#include "tools/ctl/doctor/text.hpp"

namespace hsm4::ctl::doctor {

namespace {

/// As the firmware derives them from the kernel's name, one for each model.
constexpr const char* automatic_names[] = {"initramfs", "initramfs7", "initramfs7l", "initramfs8",
                                           "initramfs_2712"};

std::vector<std::string> names_in(const std::string& config) {
    std::vector<std::string> names;
    for (const std::string& line : lines_of(config)) {
        const auto words = words_of(line);
        if (words.size() > 1 && words[0] == "initramfs") names.push_back(words[1]);
        if (!words.empty() && words[0] == "auto_initramfs=1")
            names.insert(names.end(), std::begin(automatic_names), std::end(automatic_names));
    }
    return names;
}

}  // namespace

std::vector<std::string> firmware_images(const std::string& root) {
    std::vector<std::string> images;
    for (const char* place : {"/boot/firmware/", "/boot/"}) {
        const std::filesystem::path directory = root + place;
        const auto config = read_text(directory / "config.txt");
        if (!config) continue;
        for (const std::string& name : names_in(*config)) {
            std::error_code failed;
            if (std::filesystem::is_regular_file(directory / name, failed))
                images.push_back(directory / name);
        }
        break;
    }
    return images;
}

}  // namespace hsm4::ctl::doctor
