// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The cipher that suits the CPU.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

struct Cipher {
    std::string name;                  ///< as --cipher takes it
    std::string algorithm;             ///< libcryptsetup's cipher
    std::string mode;                  ///< and its mode
    std::size_t key_size = 0;          ///< bytes
    std::vector<std::string> modules;  ///< of the kernel, beside dm-crypt
};

/// AES where the CPU has instructions for it, else Adiantum, by the text of /proc/cpuinfo.
const Cipher& cipher_for_cpu(std::string_view cpuinfo);
/// "aes" or "adiantum".
Outcome<Cipher> cipher_by_name(const std::string& name);

}  // namespace hsm4::rootfs
