// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Where cryptsetup's plugin lies.
#pragma once

#include <string>

namespace hsm4::ctl::doctor {

inline constexpr const char* plugin_name = "libcryptsetup-token-hsm4.so";

/// In the directory that the installed libcryptsetup looks in, below `root`.
std::string installed_plugin(const std::string& root);

}  // namespace hsm4::ctl::doctor
