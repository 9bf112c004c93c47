// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A child with a pipe and a deadline.
#include "tools/rootfs/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <sstream>

#include "hsm4/clock.hpp"
#include "hsm4/files.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::size_t longest_output = 64U << 10;

struct Pipe {
    Descriptor read;
    Descriptor write;
};

Result<Pipe> make_pipe() {
    int ends[2] = {};
    if (::pipe2(ends, O_CLOEXEC) != 0) return Error{Errc::io, "pipe", errno};
    return Pipe{Descriptor{ends[0]}, Descriptor{ends[1]}};
}

Result<pid_t> start(std::vector<std::string> words, int output) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) return Error{Errc::io, "spawn", errno};
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    pid_t child = -1;
    const int failed =
        posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return Error{Errc::io, "program that cannot be started", failed};
    return child;
}

/// False at the deadline.
bool collect(int pipe, const Deadline& deadline, std::string& output) {
    constexpr int tick_ms = 200;
    std::array<char, 4096> part{};
    while (!deadline.expired()) {
        struct pollfd waiting = {pipe, POLLIN, 0};
        if (::poll(&waiting, 1, tick_ms) <= 0) continue;
        const ssize_t size = ::read(pipe, part.data(), part.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return true;
        output.append(part.data(), static_cast<std::size_t>(size));
        if (output.size() > longest_output) output.erase(0, output.size() - longest_output);
    }
    return false;
}

int reap(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string last_line(const std::string& output) {
    std::istringstream lines{output};
    std::string last;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty()) last = line;
    return last;
}

}  // namespace

Result<Ended> run_command(const std::vector<std::string>& words, std::chrono::seconds limit) {
    auto pipe = make_pipe();
    if (!pipe) return pipe.error();
    auto child = start(words, pipe->write.get());
    if (!child) return child.error();
    pipe->write.close();
    const SystemClock clock;
    Ended ended;
    const bool in_time = collect(pipe->read.get(), Deadline{clock, limit}, ended.output);
    if (!in_time) ::kill(*child, SIGKILL);
    ended.status = reap(*child);
    if (!in_time) return Error{Errc::timeout, "program that does not end"};
    return ended;
}

Outcome<std::string> run(const std::vector<std::string>& words, std::chrono::seconds limit,
                         int highest_good) {
    auto ended = run_command(words, limit);
    if (!ended) return Problem{words.front() + ": " + Problem{ended.error()}.text};
    if (ended->status > highest_good)
        return Problem{words.front() + " failed (" + std::to_string(ended->status) +
                       "): " + last_line(ended->output)};
    return ended->output;
}

}  // namespace hsm4::rootfs
