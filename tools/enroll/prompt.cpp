// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Asking on the terminal, or through systemd-ask-password.
#include "tools/enroll/prompt.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "hsm4/files.hpp"
#include "hsm4/program.hpp"
#include "tools/enroll/interrupt.hpp"

namespace hsm4::enroll {

namespace {

constexpr std::size_t longest_answer = 512;     // as cryptsetup's own prompt
constexpr std::chrono::seconds time_to_end{5};  // an agent that has answered

/// Switches the echo off while it lives.
class Silence {
public:
    explicit Silence(int terminal) : terminal_{terminal} {
        if (::tcgetattr(terminal_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        silent.c_lflag |= ECHONL;
        changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;
    ~Silence() {
        if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }

private:
    int terminal_;
    termios before_ = {};
    bool changed_ = false;
};

void write_text(int terminal, const std::string& text) {
    [[maybe_unused]] const ssize_t ignored = ::write(terminal, text.data(), text.size());
}

/// One line, without its end.
Outcome<SecretBytes> read_line(int source) {
    SecretBytes line{longest_answer};
    std::size_t used = 0;
    while (used < line.size()) {
        if (!wait_to_read(source)) return Problem{"interrupted; nothing was changed"};
        std::byte letter{};
        const ssize_t got = ::read(source, &letter, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || letter == std::byte{'\n'}) break;
        line.writable()[used++] = letter;
    }
    line.shorten(used);
    if (line.empty()) return Problem{"nothing was typed; nothing was changed"};
    return line;
}

Outcome<SecretBytes> ask_on(int terminal, const std::string& question) {
    const Silence silence{terminal};
    write_text(terminal, question + ": ");
    return read_line(terminal);
}

Outcome<SecretBytes> ask_agents(const std::string& question, const Problem& without) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return without;
    const Descriptor output{ends[0]};
    Descriptor input{ends[1]};
    Surroundings mine;
    mine.input = STDIN_FILENO;
    mine.output = input.get();
    mine.errors = STDERR_FILENO;
    auto agent = Program::start(
        {"systemd-ask-password", "--timeout=90", "--id=hsm4-enroll", question + ":"}, mine);
    input.close();
    if (!agent) return without;
    auto answer = read_line(output.get());
    if (answer) agent->wait(time_to_end);
    return answer;
}

}  // namespace

Outcome<SecretBytes> ask(const std::string& question, const char* instead) {
    const Descriptor terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (terminal) return ask_on(terminal.get(), question);
    const Problem without{"there is no terminal to ask for \"" + question + "\"; use " + instead};
    if (::access("/run/systemd/system", F_OK) != 0) return without;
    return ask_agents(question, without);
}

}  // namespace hsm4::enroll
