// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A child process that may hang or crash in our stead. The caller's process (cryptsetup,
// systemd-cryptsetup) keeps its threads, descriptors, signal handlers and children as they were.
#pragma once

#include <functional>

#include "hsm4/clock.hpp"
#include "hsm4/secret.hpp"

namespace hsm4::zymbit {

/// Runs in the child; writes to `pipe`, and gives the exit status. It owns `pipe` and may close it
/// early: what follows no longer delays the parent by more than a second.
using ChildBody = std::function<int(int pipe)>;

struct ChildResult {
    SecretBytes output;   ///< all that the child wrote
    int exit_status = 0;  ///< -1: it was killed, or its status is not known
};

/// Forks, runs `body`, collects at most `longest` bytes until the child closes the pipe, and reaps
/// it. The child has its own process group and no standard input, output or error, writes no core
/// file, locks its memory where it may, and dies with its parent. At the deadline the whole group
/// is killed: `timeout`. `malformed` for a longer output, `io` when no child can be made.
Result<ChildResult> run_child(const ChildBody& body, std::size_t longest, const Deadline& deadline);

/// Writes all of `bytes`; for use in a child's body.
bool write_to_pipe(int pipe, View bytes) noexcept;

}  // namespace hsm4::zymbit
