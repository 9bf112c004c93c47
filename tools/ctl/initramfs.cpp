// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Finding and running the distribution's command.
#include "tools/ctl/initramfs.hpp"

#include <unistd.h>

namespace hsm4::ctl {

namespace {

// Several kernels on a slow card take minutes.
constexpr std::chrono::minutes time_limit{15};

}  // namespace

std::vector<std::string> initramfs_command() {
    const std::vector<std::vector<std::string>> known{
        {"/usr/sbin/update-initramfs", "-u", "-k", "all"},
        {"/usr/bin/dracut", "--force", "--regenerate-all"},
    };
    for (const auto& command : known)
        if (::access(command.front().c_str(), X_OK) == 0) return command;
    return {};
}

std::string initramfs_command_text() {
    std::string text;
    for (std::string word : initramfs_command()) {
        if (text.empty())
            word.erase(0, word.rfind('/') + 1);
        else
            text += ' ';
        text += word;
    }
    return text;
}

Ending rebuild_initramfs() {
    const auto command = initramfs_command();
    if (command.empty()) return Ending::failure;
    Surroundings mine;
    mine.input = STDIN_FILENO;
    mine.output = STDERR_FILENO;
    mine.errors = STDERR_FILENO;
    return run_program(command, mine, time_limit);
}

}  // namespace hsm4::ctl
