// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A client of the control socket.
#include "tools/emulator/inject.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdio>

#include "hsm4/describe.hpp"
#include "tools/emulator/sockets.hpp"

namespace hsm4::emulator {

namespace {

constexpr int exit_refused = 1;
constexpr time_t patience_s = 5;

std::string ask(int fd, const std::string& line) {
    const timeval limit{patience_s, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    if (::send(fd, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return {};
    std::string answer;
    std::array<char, 4096> chunk{};
    for (ssize_t got = 0; (got = ::recv(fd, chunk.data(), chunk.size(), 0)) > 0;)
        answer.append(chunk.data(), static_cast<std::size_t>(got));
    return answer;
}

}  // namespace

int inject(const std::string& control, const std::vector<std::string>& event) {
    auto connection = connect_to(control);
    if (!connection) {
        std::fprintf(stderr, "hsm4-emulator: %s\n", describe(connection.error()).c_str());
        return exit_refused;
    }
    std::string line;
    for (const std::string& word : event) line += (line.empty() ? "" : " ") + word;
    const std::string answer = ask(connection->get(), line + '\n');
    constexpr std::string_view good = "ok";
    if (!answer.starts_with(good)) {
        std::fprintf(stderr, "hsm4-emulator: the emulator refused: %s",
                     answer.empty() ? "no answer\n" : answer.c_str());
        return exit_refused;
    }
    // "ok\n" or "ok TEXT\n"
    if (answer.size() > good.size() + 1) std::fputs(answer.c_str() + good.size() + 1, stdout);
    return 0;
}

}  // namespace hsm4::emulator
