// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Seconds as a date.
#include "tools/ctl/time_text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace hsm4::ctl {

std::string time_text(std::uint64_t seconds) {
    constexpr std::uint64_t year_9999 = 253402300799;
    const auto time = static_cast<std::time_t>(std::min(seconds, year_9999));
    std::tm parts{};
    std::array<char, 32> text{};
    if (::gmtime_r(&time, &parts) == nullptr) return "?";
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

}  // namespace hsm4::ctl
