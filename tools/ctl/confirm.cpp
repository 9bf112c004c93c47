// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Asking on the terminal.
#include "tools/ctl/confirm.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

namespace hsm4::ctl {

bool confirm(std::string_view consequence, std::string_view words) {
    if (::isatty(STDIN_FILENO) == 0) return false;
    const std::string question = std::string{consequence} + "\nType \"" + std::string{words} +
                                 "\" to go on, anything else to stop: ";
    std::fputs(question.c_str(), stderr);
    std::array<char, 128> line{};
    if (std::fgets(line.data(), line.size(), stdin) == nullptr) return false;
    std::string_view typed{line.data()};
    if (typed.ends_with('\n')) typed.remove_suffix(1);
    return typed == words;
}

}  // namespace hsm4::ctl
