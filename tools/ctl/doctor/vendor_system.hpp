// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A system with the vendor's software on it, as its files tell.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace hsm4::ctl::doctor {

inline constexpr const char* vendor_state = "/var/lib/zymbit";
inline constexpr const char* vendor_locked_key = "/var/lib/zymbit/key.bin.lock";

// Below `root`, which is empty for this system.

/// Whether the vendor's software has been set up.
bool has_vendor_software(const std::string& root);
/// Each <serial>/s1_fp_salt.bin of the vendor's state, relative to it.
std::vector<std::string> salts(const std::string& root);
bool is_raspberry_pi(const std::string& root);
/// ZK_GPIO_WAKE_PIN of zkenv.conf.
std::optional<std::string> wake_pin(const std::string& root);
/// The number of GPIO4 as the running kernel counts; nothing where debugfs does not show it.
std::optional<std::string> number_of_gpio4(const std::string& root);
/// Modules that drive wired network cards: the module measures a MAC address.
std::vector<std::string> network_modules(const std::string& root);

}  // namespace hsm4::ctl::doctor
