// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the control socket can make happen to the module.
#pragma once

#include <string>

#include "tools/emulator/module_clock.hpp"
#include "tools/emulator/shared_module.hpp"

namespace hsm4::emulator {

/// Executes one line, and gives the answer: "ok", "ok TEXT" or "error TEXT", and a line end.
///   stats | led | tamper CHANNEL | clock +SECONDS | fault KIND [COUNT] | fault none
std::string obey(const std::string& event, SharedModule& module, ModuleClock& clock);

}  // namespace hsm4::emulator
