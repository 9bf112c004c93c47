// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Two ciphers.
#include "tools/rootfs/cipher.hpp"

#include <sstream>

#include "tools/adiantum.hpp"

namespace hsm4::rootfs {

namespace {

const Cipher& aes() {
    static const Cipher cipher{"aes", "aes", "xts-plain64", 64, {"xts"}};
    return cipher;
}

const Cipher& adiantum() {
    static const Cipher cipher{"adiantum",
                               "xchacha12,aes",
                               "adiantum-plain64",
                               32,
                               {adiantum_modules.begin(), adiantum_modules.end()}};
    return cipher;
}

}  // namespace

const Cipher& cipher_for_cpu(std::string_view cpuinfo) {
    std::istringstream lines{std::string{cpuinfo}};
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("flags") && !line.starts_with("Features")) continue;
        std::istringstream words{line};
        for (std::string word; words >> word;)
            if (word == "aes") return aes();
    }
    return adiantum();
}

Outcome<Cipher> cipher_by_name(const std::string& name) {
    if (name == "aes") return aes();
    if (name == "adiantum") return adiantum();
    return Problem{"--cipher is aes or adiantum", enroll::exit_usage};
}

}  // namespace hsm4::rootfs
