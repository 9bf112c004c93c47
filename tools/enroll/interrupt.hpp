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
/// A Problem once one of them arrived.
Done go_on();

}  // namespace hsm4::enroll
