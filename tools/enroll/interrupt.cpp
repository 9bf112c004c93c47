// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Remembering signals.
#include "tools/enroll/interrupt.hpp"

#include <csignal>

namespace hsm4::enroll {

namespace {

volatile std::sig_atomic_t arrived = 0;

void on_signal(int /*signal*/) { arrived = 1; }

}  // namespace

void remember_interrupts() {
    struct sigaction action = {};
    action.sa_handler = on_signal;  // no SA_RESTART: a prompt must end
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() noexcept { return arrived != 0; }

Done go_on() {
    if (interrupted()) return Problem{"interrupted; the volume is as it was"};
    return done();
}

}  // namespace hsm4::enroll
