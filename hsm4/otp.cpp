// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Running the firmware's HMAC program, bounded in time.
#include "hsm4/otp.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>

#include "hsm4/clock.hpp"
#include "hsm4/crypto.hpp"
#include "hsm4/files.hpp"

namespace hsm4 {

namespace {

constexpr std::string_view message = "hsm4 identity v1";
constexpr std::chrono::seconds time_limit{5};
constexpr std::chrono::milliseconds pause{20};

Error missing() { return Error{Errc::identity, "OTP device key"}; }

/// The path by which a child that inherits `file` opens it; memory only, never the card.
std::string inherited_path(const Descriptor& file) {
    return "/proc/self/fd/" + std::to_string(file.get());
}

/// True when the child ended by itself, with status 0, in time. It is reaped in any case.
bool wait_bounded(pid_t child) {
    SystemClock clock;
    const Deadline deadline{clock, time_limit};
    int status = 0;
    for (;;) {
        const pid_t done = ::waitpid(child, &status, deadline.expired() ? 0 : WNOHANG);
        if (done == child) return WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (done < 0 && errno != EINTR) return false;
        if (deadline.expired()) ::kill(child, SIGKILL);
        if (!deadline.expired()) clock.sleep(pause);
    }
}

bool run(const std::string& program, const std::string& in, const std::string& out) {
    std::array<std::string, 8> words{program, "hmac", "--in", in, "--key-id", "1", "--out", out};
    std::array<char*, words.size() + 1> arguments{};
    for (std::size_t at = 0; at < words.size(); ++at) arguments[at] = words[at].data();
    std::array<char*, 1> environment{};
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) return false;
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    pid_t child = -1;
    const int failed = posix_spawn(&child, program.c_str(), &actions, nullptr, arguments.data(),
                                   environment.data());
    posix_spawn_file_actions_destroy(&actions);
    return failed == 0 && wait_bounded(child);
}

}  // namespace

Result<SecretBytes> otp_hmac(const std::string& program) {
    if (::access(program.c_str(), X_OK) != 0) return missing();
    // Not close-on-exec: the child opens them through /proc/self/fd.
    const Descriptor in{::memfd_create("hsm4-in", 0)};
    const Descriptor out{::memfd_create("hsm4-out", 0)};
    if (!in || !out ||
        ::write(in.get(), message.data(), message.size()) != static_cast<ssize_t>(message.size()))
        return missing();
    if (!run(program, inherited_path(in), inherited_path(out))) return missing();
    auto result = read_file(inherited_path(out), crypto::hash_size);
    if (!result || result->size() != crypto::hash_size) return missing();
    return result;
}

}  // namespace hsm4
