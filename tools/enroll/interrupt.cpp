// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Remembering signals.
#include "tools/enroll/interrupt.hpp"

#include <poll.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace hsm4::enroll {

namespace {

constexpr std::array ends_a_run{SIGINT, SIGTERM, SIGHUP};

volatile std::sig_atomic_t arrived = 0;

void on_signal(int /*signal*/) { arrived = 1; }

}  // namespace

void remember_interrupts() {
    struct sigaction action = {};
    action.sa_handler = on_signal;  // no SA_RESTART: a prompt must end
    for (const int signal : ends_a_run) sigaction(signal, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept { return arrived != 0; }

bool wait_to_read(int fd) noexcept {
    // Blocked between the look and the wait: ppoll lets them in only while it waits.
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    for (const int signal : ends_a_run) sigaddset(&blocked, signal);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    pollfd source{fd, POLLIN, 0};
    while (!interrupted() && ::ppoll(&source, 1, nullptr, &before) < 0 && errno == EINTR) {
    }
    sigprocmask(SIG_SETMASK, &before, nullptr);
    return !interrupted();
}

Done go_on(const char* state) {
    if (interrupted()) return Problem{std::string{"interrupted; "} + state};
    return done();
}

}  // namespace hsm4::enroll
