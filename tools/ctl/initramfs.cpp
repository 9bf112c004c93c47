// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Finding and running the distribution's command.
#include "tools/ctl/initramfs.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace hsm4::ctl {

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

bool rebuild_initramfs() {
    std::vector<std::string> words = initramfs_command();
    if (words.empty()) return false;
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) return false;
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    pid_t child = -1;
    const int failed =
        posix_spawn(&child, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return false;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace hsm4::ctl
