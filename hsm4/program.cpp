// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// posix_spawn, and waiting by looking again: so that no wait can outlast its limit.
#include "hsm4/program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "hsm4/clock.hpp"

namespace hsm4 {

namespace {

constexpr std::chrono::milliseconds first_pause{1};
constexpr std::chrono::milliseconds longest_pause{50};
constexpr std::chrono::milliseconds grace{1000};  // between asking a program to end and making it

/// Descriptors and directory of the child.
class FileActions {
public:
    FileActions() noexcept : made_{posix_spawn_file_actions_init(&actions_) == 0} {}
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ~FileActions() {
        if (made_) posix_spawn_file_actions_destroy(&actions_);
    }

    bool set(const Surroundings& surroundings) noexcept {
        return made_ && give(STDIN_FILENO, surroundings.input) &&
               give(STDOUT_FILENO, surroundings.output) &&
               give(STDERR_FILENO, surroundings.errors) && enter(surroundings.directory);
    }
    const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

private:
    bool give(int wanted, int source) noexcept {
        const int failed =
            source == Surroundings::nowhere
                ? posix_spawn_file_actions_addopen(&actions_, wanted, "/dev/null", O_RDWR, 0)
                : posix_spawn_file_actions_adddup2(&actions_, source, wanted);
        return failed == 0;
    }
    bool enter(const std::string& directory) noexcept {
        return directory.empty() ||
               posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str()) == 0;
    }

    posix_spawn_file_actions_t actions_ = {};
    bool made_;
};

constexpr int no_status = -1;  // somebody else has reaped the child

int status_of(int status) noexcept {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::optional<Program> Program::start(std::vector<std::string> words,
                                      const Surroundings& surroundings) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    char* empty[] = {nullptr};
    FileActions actions;
    if (!actions.set(surroundings)) return std::nullopt;
    pid_t child = -1;
    const int failed =
        posix_spawnp(&child, words.front().c_str(), actions.get(), nullptr, arguments.data(),
                     surroundings.keeps_environment ? environ : empty);
    if (failed != 0) return std::nullopt;
    return Program{child};
}

std::optional<Ending> Program::wait_for(std::chrono::milliseconds limit) noexcept {
    SystemClock clock;
    const Deadline deadline{clock, limit};
    for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
        const bool last_look = deadline.expired();
        int status = 0;
        const pid_t reaped = ::waitpid(child_, &status, WNOHANG);
        const bool lost = reaped < 0 && errno != EINTR;
        if (reaped == child_ || lost) {
            child_ = -1;
            status_ = lost ? no_status : status_of(status);
            return status_ == 0 ? Ending::success : Ending::failure;
        }
        if (last_look) return std::nullopt;
        clock.sleep(std::min<std::chrono::microseconds>(pause, deadline.left()));
    }
}

Ending Program::wait(std::chrono::milliseconds limit) {
    if (auto ended = wait_for(limit)) return *ended;
    stop();
    return Ending::late;
}

void Program::stop() noexcept {
    for (const int signal : {SIGTERM, SIGKILL}) {
        if (child_ < 0) return;
        ::kill(child_, signal);
        static_cast<void>(wait_for(grace));
    }
}

Ending run_program(std::vector<std::string> words, const Surroundings& surroundings,
                   std::chrono::milliseconds limit) {
    auto program = Program::start(std::move(words), surroundings);
    return program ? program->wait(limit) : Ending::failure;
}

}  // namespace hsm4
