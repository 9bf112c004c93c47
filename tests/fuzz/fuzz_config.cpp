// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: a configuration is understood or refused, and to read it changes nothing.
#include <sys/mman.h>
#include <unistd.h>

#include "hsm4/config.hpp"
#include "hsm4/files.hpp"
#include "tests/fuzz/law.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const int file = memfd_create("hsm4.conf", MFD_CLOEXEC);
    fuzz::must(file >= 0, "a file in memory");
    const bool written = write(file, data, size) == static_cast<ssize_t>(size);
    fuzz::must(written, "its contents");
    auto config = hsm4::load_config("/proc/self/fd/" + std::to_string(file));
    if (config) {
        fuzz::must(config->wait.count() >= 0 && config->wait.count() <= 600, "a bounded wait");
        if (config->binding) {
            fuzz::must(config->binding->slot < 4, "a binding slot that a module has");
        }
    } else {
        fuzz::must(config.error().code == hsm4::Errc::bad_config, "refused as damaged");
    }
    close(file);
    return 0;
}
