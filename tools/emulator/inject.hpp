// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4-emulator inject.
#pragma once

#include <string>
#include <vector>

namespace hsm4::emulator {

/// Sends an event and prints what comes back; the exit status.
int inject(const std::string& control, const std::vector<std::string>& event);

}  // namespace hsm4::emulator
