// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One line for people: what failed, and what to do about it.
#pragma once

#include <string>

#include "hsm4/result.hpp"

namespace hsm4 {

/// Without a line end, never with a secret in it: "where: what; advice".
std::string describe(const Error& error);

}  // namespace hsm4
