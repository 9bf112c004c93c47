// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Key files through libcryptsetup's own reader.
#include "tools/enroll/key_file.hpp"

#include <libcryptsetup.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

namespace hsm4::enroll {

namespace {

// All of it, up to the limit that cryptsetup was built with.
constexpr std::size_t whole_file = 0;

void ignore(int /*level*/, const char* /*message*/, void* /*user*/) {}

}  // namespace

Outcome<SecretBytes> read_key_file(const std::string& path) {
    // libcryptsetup's error code does not tell why a file cannot be opened.
    if (path != "-" && ::access(path.c_str(), R_OK) != 0)
        return Problem{"key file " + path + " cannot be read: " + std::strerror(errno)};
    char* content = nullptr;
    std::size_t size = 0;
    crypt_set_log_callback(nullptr, ignore, nullptr);
    const int read = crypt_keyfile_device_read(nullptr, path == "-" ? nullptr : path.c_str(),
                                               &content, &size, 0, whole_file, 0);
    crypt_set_log_callback(nullptr, nullptr, nullptr);
    const std::string name = path == "-" ? "standard input" : path;
    // Of an empty regular file libcryptsetup makes an empty key, of an empty pipe an error.
    const bool is_empty = read == -EPIPE || (read == 0 && size == 0);
    if (is_empty) return Problem{"key file " + name + " is empty"};
    if (read != 0) return Problem{"key file " + name + " cannot be read: " + std::strerror(-read)};
    SecretBytes key{std::as_bytes(std::span{content, size})};
    crypt_safe_free(content);
    return key;
}

}  // namespace hsm4::enroll
