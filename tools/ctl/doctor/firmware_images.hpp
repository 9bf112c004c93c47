// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Which initramfs the firmware of a Raspberry Pi loads.
#pragma once

#include <string>
#include <vector>

namespace hsm4::ctl::doctor {

/// Files beside config.txt that it names, or that the firmware finds by itself (auto_initramfs=1);
/// none where there is no config.txt.
std::vector<std::string> firmware_images(const std::string& root);

}  // namespace hsm4::ctl::doctor
