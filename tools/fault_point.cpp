// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Killing a tool where a test wants it.
#include "tools/fault_point.hpp"

#ifdef HSM4_FAULT_POINTS

#include <csignal>
#include <cstdlib>

namespace hsm4 {

void fault_point() noexcept {
    static long reached = 0;
    const char* wanted = std::getenv("HSM4_FAULT_POINT");
    if (wanted == nullptr) return;
    char* rest = nullptr;
    const long number = std::strtol(wanted, &rest, 10);
    if (++reached != number) return;
    std::raise(*rest == ':' ? std::atoi(rest + 1) : SIGKILL);
}

}  // namespace hsm4

#endif
