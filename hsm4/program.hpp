// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Running another program, without a shell and never without a limit of time.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hsm4 {

/// What a program starts with.
struct Surroundings {
    static constexpr int nowhere = -1;  ///< /dev/null

    int input = nowhere;
    int output = nowhere;
    int errors = nowhere;
    std::string directory;  ///< empty: this one
    bool keeps_environment = true;
};

enum class Ending {
    success,
    failure,  ///< another status than 0, a signal, or it could not be started
    late      ///< stopped at the limit of time
};

/// A program that runs. It is stopped when its owner goes.
class Program {
public:
    /// `words`: a path, or a name that is looked for in PATH, and the arguments. Nothing when it
    /// cannot be started.
    static std::optional<Program> start(std::vector<std::string> words,
                                        const Surroundings& surroundings);

    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    Program(Program&& other) noexcept
        : child_{std::exchange(other.child_, -1)}, status_{other.status_} {}
    Program& operator=(Program&&) = delete;
    ~Program() { stop(); }

    /// Waits until it ends, for `limit` at the most; then it is stopped.
    Ending wait(std::chrono::milliseconds limit);
    /// How it ended; nothing when it still runs after `limit`, and it goes on then.
    std::optional<Ending> wait_for(std::chrono::milliseconds limit) noexcept;
    /// Once it has ended: its exit status; 128 + N when signal N ended it.
    int status() const noexcept { return status_; }
    /// Asks it to end, and soon makes it.
    void stop() noexcept;

private:
    explicit Program(pid_t child) noexcept : child_{child} {}
    pid_t child_;  ///< -1 once it is reaped
    int status_ = 0;
};

/// Starts it, and waits.
Ending run_program(std::vector<std::string> words, const Surroundings& surroundings,
                   std::chrono::milliseconds limit);

}  // namespace hsm4
