// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// SIGINT, SIGTERM and SIGHUP end a run between two steps, where what was begun can be undone.
#pragma once

#include "tools/enroll/problem.hpp"

namespace hsm4::enroll {

/// From here on these signals are only remembered.
void remember_interrupts();
bool interrupted() noexcept;
/// Waits until `fd` has something to read, or has ended. False once a signal arrived, and be it in
/// the instant before the wait.
bool wait_to_read(int fd) noexcept;
/// A Problem once one of them arrived, which `state` ends: what is left of the run.
Done go_on(const char* state = "what was begun is taken back");

}  // namespace hsm4::enroll
