// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The kernel modules that Adiantum consists of (crypto/adiantum.c names its parts); the hook of
// initramfs-tools has the same list.
#pragma once

#include <array>

namespace hsm4 {

inline constexpr std::array adiantum_modules{"adiantum", "chacha_generic", "nhpoly1305"};

}  // namespace hsm4
