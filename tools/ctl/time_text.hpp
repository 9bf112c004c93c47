// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A module's time for people and programs.
#pragma once

#include <cstdint>
#include <string>

namespace hsm4::ctl {

/// UTC in the form of RFC 3339, of seconds since 1970; a clock that was never set shows as 1970.
std::string time_text(std::uint64_t seconds);

}  // namespace hsm4::ctl
