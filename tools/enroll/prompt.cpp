// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Asking on the terminal.
#include "tools/enroll/prompt.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "hsm4/files.hpp"
#include "tools/enroll/interrupt.hpp"

namespace hsm4::enroll {

namespace {

constexpr std::size_t longest_answer = 512;  // as cryptsetup's own prompt

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
Outcome<SecretBytes> read_line(int terminal) {
    SecretBytes line{longest_answer};
    std::size_t used = 0;
    while (used < line.size()) {
        std::byte letter{};
        const ssize_t got = ::read(terminal, &letter, 1);
        if (interrupted()) return Problem{"interrupted; nothing was changed"};
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || letter == std::byte{'\n'}) break;
        line.writable()[used++] = letter;
    }
    line.shorten(used);
    return line;
}

}  // namespace

Outcome<SecretBytes> ask(const std::string& question) {
    const Descriptor terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
    if (!terminal)
        return Problem{
            "there is no terminal to ask on; use --unlock-key-file=FILE (- reads standard "
            "input)"};
    const Silence silence{terminal.get()};
    write_text(terminal.get(), question + ": ");
    auto answer = read_line(terminal.get());
    if (answer && answer->empty()) return Problem{"nothing was typed; nothing was changed"};
    return answer;
}

}  // namespace hsm4::enroll
