// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Private files in /run.
#include "hsm4/zymbit/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace hsm4::zymbit {

namespace {

/// All of `content` at the file's beginning; nothing here is longer than the kernel writes at once.
bool put(int file, View content) {
    return ::pwrite(file, content.data(), content.size(), 0) ==
           static_cast<ssize_t>(content.size());
}

}  // namespace

Result<PrivateFile> PrivateFile::make(const std::string& directory, View content) {
    std::string path = directory + "/hsm4-locked-XXXXXX";
    Descriptor file{::mkostemp(path.data(), O_CLOEXEC)};  // O_CREAT | O_EXCL, 0600
    if (!file) return Error{Errc::io, "private file for the vendor's program", errno};
    PrivateFile made{std::move(path), std::move(file), content.size()};
    if (!put(made.file_.get(), content))
        return Error{Errc::io, "private file for the vendor's program", errno};
    return made;
}

PrivateFile::~PrivateFile() {
    if (!file_) return;
    const Bytes zeros(size_);
    static_cast<void>(put(file_.get(), zeros));
    ::unlink(path_.c_str());
}

}  // namespace hsm4::zymbit
