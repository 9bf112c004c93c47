// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A file that hands bytes to a program that reads files only.
#pragma once

#include <string>

#include "hsm4/files.hpp"

namespace hsm4::zymbit {

/// New, mode 0600, in a directory that is memory (/run). Overwritten and removed when destroyed.
class PrivateFile {
public:
    static Result<PrivateFile> make(const std::string& directory, View content);

    PrivateFile(const PrivateFile&) = delete;
    PrivateFile& operator=(const PrivateFile&) = delete;
    PrivateFile(PrivateFile&& other) noexcept = default;
    PrivateFile& operator=(PrivateFile&& other) = delete;
    ~PrivateFile();

    const std::string& path() const noexcept { return path_; }

private:
    PrivateFile(std::string path, Descriptor file, std::size_t size)
        : path_{std::move(path)}, file_{std::move(file)}, size_{size} {}

    std::string path_;
    Descriptor file_;  ///< also says whether this object still owns the file
    std::size_t size_;
};

}  // namespace hsm4::zymbit
