// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A program with a pipe and a deadline.
#include "tools/rootfs/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <sstream>

#include "hsm4/clock.hpp"
#include "hsm4/files.hpp"
#include "hsm4/program.hpp"

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
    Surroundings surroundings;
    surroundings.output = surroundings.errors = pipe->write.get();
    auto program = Program::start(words, surroundings);
    if (!program) return Error{Errc::io, "program that cannot be started"};
    pipe->write.close();
    const SystemClock clock;
    const Deadline deadline{clock, limit};
    Ended ended;
    if (!collect(pipe->read.get(), deadline, ended.output) ||
        program->wait(std::chrono::ceil<std::chrono::milliseconds>(deadline.left())) ==
            Ending::late)
        return Error{Errc::timeout, "program that does not end"};
    ended.status = program->status();
    return ended;
}

Result<int> run_watched(const std::vector<std::string>& words, std::chrono::seconds limit,
                        const std::function<void()>& meanwhile) {
    constexpr std::chrono::milliseconds tick{200};
    std::fflush(stdout);
    auto program =
        Program::start(words, {Surroundings::nowhere, STDOUT_FILENO, STDERR_FILENO, {}, true});
    if (!program) return Error{Errc::io, "program that cannot be started"};
    const SystemClock clock;
    const Deadline deadline{clock, limit};
    while (!program->wait_for(tick)) {
        meanwhile();
        if (deadline.expired()) return Error{Errc::timeout, "program that does not end"};
    }
    return program->status();
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

Done run_quietly(const std::vector<std::string>& words, std::chrono::seconds limit,
                 int highest_good) {
    auto ran = run(words, limit, highest_good);
    return ran ? done() : Done{ran.error()};
}

}  // namespace hsm4::rootfs
