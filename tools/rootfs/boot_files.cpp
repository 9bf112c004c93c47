// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Reading config.txt and cmdline.txt.
#include "tools/rootfs/boot_files.hpp"

#include <algorithm>
#include <sstream>

namespace hsm4::rootfs {

namespace {

bool contains(const std::vector<std::string>& list, const std::string& wanted) {
    return std::ranges::find(list, wanted) != list.end();
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream stream{text};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

/// auto_initramfs=1: "kernel" becomes "initramfs", and what follows stays, without an extension
/// (kernel8.img and initramfs8, kernel_2712.img and initramfs_2712).
std::string automatic_name(const std::string& kernel) {
    std::string name = kernel.substr(0, kernel.rfind(".img"));
    if (!name.starts_with("kernel")) return {};
    return "initramfs" + name.substr(6);
}

bool is_stock_kernel(const std::string& file) {
    return file.starts_with("kernel") && file.ends_with(".img");
}

}  // namespace

FirmwareConfig parse_firmware_config(const std::string& text) {
    FirmwareConfig config;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);) {
        line.resize(std::min(line.size(), line.find('#')));
        const auto words = words_of(line);
        if (words.empty()) continue;
        const std::string& first = words.front();
        if (first == "auto_initramfs=1") config.auto_initramfs = true;
        if (first == "auto_initramfs=0") config.auto_initramfs = false;
        if (first.starts_with("kernel=")) config.kernels.push_back(first.substr(7));
        if (first == "initramfs" && words.size() > 1) config.initramfses.push_back(words[1]);
    }
    return config;
}

FirmwareChoice choose_initramfs(const FirmwareConfig& config,
                                const std::vector<std::string>& files) {
    FirmwareChoice choice;
    for (const std::string& name : config.initramfses)
        (contains(files, name) ? choice.initramfses : choice.absent).push_back(name);
    // A line `initramfs` holds for whatever kernel is started.
    if (!config.initramfses.empty()) return choice;
    std::vector<std::string> kernels = config.kernels;
    for (const std::string& file : files)
        if (is_stock_kernel(file) && !contains(kernels, file)) kernels.push_back(file);
    for (const std::string& kernel : kernels) {
        const std::string name = automatic_name(kernel);
        if (config.auto_initramfs && !name.empty() && contains(files, name))
            choice.initramfses.push_back(name);
        else
            choice.unserved.push_back(kernel);
    }
    return choice;
}

std::string value_of(const std::string& command_line, const std::string& name) {
    std::string value;
    for (const std::string& word : words_of(command_line))
        if (word.starts_with(name + '=')) value = word.substr(name.size() + 1);
    return value;
}

bool has_word(const std::string& command_line, const std::string& wanted) {
    return contains(words_of(command_line), wanted);
}

std::string for_encrypted_root(const std::string& command_line, const std::string& root) {
    std::string line;
    bool named = false;
    for (const std::string& word : words_of(command_line)) {
        std::string kept = word;
        if (word == "splash" || word.starts_with("resume=")) continue;
        if (word.starts_with("root=")) {
            if (named) continue;
            kept = "root=" + root;
            named = true;
        }
        line += (line.empty() ? "" : " ") + kept;
    }
    if (!named) line += (line.empty() ? "root=" : " root=") + root;
    return line + '\n';
}

}  // namespace hsm4::rootfs
