// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Writing over zeros, in place.
#include "tools/rootfs/boot_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "hsm4/files.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

std::string text_of_log(const std::string& path) {
    const std::string whole = whole_text(path).value_or("");
    return whole.substr(0, whole.find('\0'));
}

void append_to_log(const std::string& path, const std::string& line) {
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file) return;
    const std::size_t end = text_of_log(path).size();
    std::array<char, 32> now{};
    const std::time_t seconds = std::time(nullptr);
    struct tm broken_down = {};
    if (::gmtime_r(&seconds, &broken_down) == nullptr) return;
    std::strftime(now.data(), now.size(), "%FT%TZ ", &broken_down);
    const std::string text = now.data() + line + '\n';
    if (end + text.size() > log_size) return;
    // Best effort: what is lost here is a line of history.
    const ssize_t written = ::pwrite(file.get(), text.data(), text.size(), static_cast<off_t>(end));
    if (written > 0) static_cast<void>(::fdatasync(file.get()));
}

}  // namespace hsm4::rootfs
