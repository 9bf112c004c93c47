// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Fork without exec, a pipe, a deadline.
#include "hsm4/zymbit/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>

#include "hsm4/files.hpp"

namespace hsm4::zymbit {

namespace {

constexpr std::chrono::seconds grace{1};          // between the end of the output and the exit
constexpr std::chrono::seconds reaping_limit{2};  // a killed process may be stuck in a driver
constexpr std::chrono::milliseconds reaping_interval{2};
constexpr int first_free_descriptor = 3;
constexpr int status_unusable = 125;

/// No handler of the caller may run in the child before its handlers are reset.
class BlockedSignals {
public:
    BlockedSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    BlockedSignals(const BlockedSignals&) = delete;
    BlockedSignals& operator=(const BlockedSignals&) = delete;
    ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_{};
};

struct Pipe {
    Descriptor reading;
    Descriptor writing;
};

/// Above the standard descriptors, which the caller may have closed and the child replaces.
Descriptor moved_up(Descriptor low) {
    if (low.get() >= first_free_descriptor) return low;
    return Descriptor{::fcntl(low.get(), F_DUPFD_CLOEXEC, first_free_descriptor)};
}

Result<Pipe> make_pipe() {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) return Error{Errc::io, "pipe to a child", errno};
    Pipe pipe{moved_up(Descriptor{ends[0]}), moved_up(Descriptor{ends[1]})};
    if (!pipe.reading || !pipe.writing) return Error{Errc::io, "pipe to a child", errno};
    return pipe;
}

void reset_signals() noexcept {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction standard = {};
        standard.sa_handler = SIG_DFL;
        ::sigaction(number, &standard, nullptr);  // fails for those that have no handler
    }
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Only the child's copies: what the vendor's code prints must not get into the caller's output.
void silence() noexcept {
    const int null = ::open("/dev/null", O_RDWR);
    for (int standard = 0; null >= 0 && standard < first_free_descriptor; ++standard)
        ::dup2(null, standard);
}

[[noreturn]] void be_child(pid_t parent, int pipe, const ChildBody& body) noexcept {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(status_unusable);
    ::setpgid(0, 0);
    ::prctl(PR_SET_DUMPABLE, 0);
    reset_signals();
    silence();
    ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);  // best effort: needs a privilege
    ::_exit(body(pipe));  // no destructors, no handlers at exit: those are the caller's
}

/// The child's wait status; nothing while it runs.
std::optional<int> try_to_reap(pid_t child) {
    int status = 0;
    const pid_t reaped = ::waitpid(child, &status, WNOHANG);
    if (reaped == child) return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (reaped < 0 && errno != EINTR) return -1;  // the caller's own handler was quicker
    return std::nullopt;
}

std::optional<int> reap(pid_t child, const Deadline& deadline) {
    SystemClock clock;
    for (;;) {
        auto status = try_to_reap(child);
        if (status || deadline.expired()) return status;
        clock.sleep(reaping_interval);
    }
}

int kill_and_reap(pid_t child) {
    ::kill(-child, SIGKILL);
    ::kill(child, SIGKILL);
    SystemClock clock;
    return reap(child, Deadline{clock, reaping_limit}).value_or(-1);
}

/// The kernel keeps the page of a pipe that was read, and uses it for what is written next.
void overwrite_pipe(int reading, std::size_t size) {
    const Descriptor writing{::open(("/proc/self/fd/" + std::to_string(reading)).c_str(),
                                    O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
    const Bytes zeros(size);
    if (writing) static_cast<void>(write_to_pipe(writing.get(), zeros));
}

/// Waits until something can be read. False when the deadline passes first.
bool wait_readable(int descriptor, const Deadline& deadline) {
    for (;;) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.left()).count();
        pollfd waiting{.fd = descriptor, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left));
        if (ready > 0) return true;
        if (deadline.expired()) return false;
    }
}

/// Until the pipe's other end is closed.
Result<SecretBytes> collect(int reading, std::size_t longest, const Deadline& deadline) {
    SecretBytes output{longest + 1};
    std::size_t used = 0;
    while (used < output.size()) {
        if (!wait_readable(reading, deadline)) return Error{Errc::timeout, "child process"};
        const ssize_t got = ::read(reading, output.writable().data() + used, output.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Error{Errc::io, "pipe to a child", errno};
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    overwrite_pipe(reading, used);
    if (used > longest) return Error{Errc::malformed, "output of a child"};
    output.shorten(used);
    return output;
}

/// In the parent: the child's id.
Result<pid_t> start(Pipe& pipe, const ChildBody& body) {
    const pid_t parent = ::getpid();
    const BlockedSignals blocked;
    const pid_t child = ::fork();
    if (child == 0) be_child(parent, pipe.writing.get(), body);
    if (child < 0) return Error{Errc::io, "child process", errno};
    ::setpgid(child, child);  // whoever comes first
    pipe.writing.close();
    return child;
}

}  // namespace

bool write_to_pipe(int pipe, View bytes) noexcept {
    while (!bytes.empty()) {
        const ssize_t written = ::write(pipe, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

Result<ChildResult> run_child(const ChildBody& body, std::size_t longest,
                              const Deadline& deadline) {
    auto pipe = make_pipe();
    if (!pipe) return pipe.error();
    auto child = start(*pipe, body);
    if (!child) return child.error();
    auto output = collect(pipe->reading.get(), longest, deadline);
    if (!output) {
        kill_and_reap(*child);
        return output.error();
    }
    auto status = reap(*child, deadline.at_most(grace));
    return ChildResult{std::move(*output), status ? *status : kill_and_reap(*child)};
}

}  // namespace hsm4::zymbit
