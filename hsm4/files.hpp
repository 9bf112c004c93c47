// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Reading small files whole, and writing them so that a crash leaves the old or the new content.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "hsm4/bytes.hpp"
#include "hsm4/secret.hpp"

namespace hsm4 {

/// Owns a file descriptor.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) noexcept : fd_{fd} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor() { close(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void close() noexcept;

private:
    int fd_ = -1;
};

/// The whole file, wiped with its owner. `io` (detail = errno; EFBIG when over `longest` bytes).
Result<SecretBytes> read_file(const std::string& path, std::size_t longest);

/// Replaces `path`: new file beside it (mode `mode`, or that of the file it replaces), fsync,
/// rename, fsync of the directory. A symbolic link is followed, so that what it names is replaced.
Status replace_file(const std::string& path, View content, unsigned mode);

}  // namespace hsm4
