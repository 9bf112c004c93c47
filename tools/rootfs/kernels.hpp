// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Installed kernels, and which modules they have.
#pragma once

#include <string>
#include <vector>

namespace hsm4::rootfs {

/// Versions of kernels below `root` that have modules and an image or an initramfs in /boot.
std::vector<std::string> installed_kernels(const std::string& root);

/// Those of `modules` that kernel `version` has neither as a file nor built in; - and _ are the
/// same.
std::vector<std::string> missing_modules(const std::string& root, const std::string& version,
                                         const std::vector<std::string>& modules);

}  // namespace hsm4::rootfs
