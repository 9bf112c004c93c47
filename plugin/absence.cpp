// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The memory of absence. It shortens waits only: each try still looks whether the module is there
// now.
#include "plugin/absence.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <functional>

#include "hsm4/files.hpp"

namespace hsm4::plugin {

namespace {

// No destructor: the plugin is unloaded in libcryptsetup's own destructor.
constinit std::atomic<std::size_t> absent_uri{0};

std::size_t hash_of(const Uri& uri) {
    const std::size_t hash = std::hash<std::string>{}(to_text(uri));
    return hash == 0 ? 1 : hash;
}

}  // namespace

bool is_known_absent(const Uri& uri) noexcept {
    return absent_uri.load() == hash_of(uri) || ::access(absent_stamp, F_OK) == 0;
}

void remember_absent(const Uri& uri) noexcept {
    absent_uri.store(hash_of(uri));
    // Fails, as it should, when the boot is over and the directory is gone.
    const Descriptor stamp{::open(absent_stamp, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
}

bool is_told() noexcept { return ::access(told_stamp, F_OK) == 0; }

}  // namespace hsm4::plugin
