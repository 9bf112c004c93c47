// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Small files, whole and durable.
#include "hsm4/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace hsm4 {

namespace {

Error failed(const char* where) { return Error{Errc::io, where, errno}; }

/// What a chain of symbolic links leads to; `path` itself when it does not exist yet.
std::string target_of(const std::string& path) {
    std::error_code ignored;
    const auto resolved = std::filesystem::weakly_canonical(path, ignored);
    return ignored ? path : resolved.string();
}

Status write_all(int fd, View content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write");
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return ok();
}

Status sync_directory_of(const std::string& path) {
    const auto parent = std::filesystem::path{path}.parent_path();
    const Descriptor directory{::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!directory || ::fsync(directory.get()) != 0) return failed("fsync of the directory");
    return ok();
}

/// Keeps owner and mode of a file that is replaced.
Status copy_ownership(int fd, const std::string& old_path, unsigned mode) {
    struct stat old = {};
    if (::stat(old_path.c_str(), &old) == 0) {
        mode = old.st_mode & 07777U;
        if (::fchown(fd, old.st_uid, old.st_gid) != 0 && errno != EPERM) return failed("chown");
    }
    if (::fchmod(fd, mode) != 0) return failed("chmod");
    return ok();
}

Status write_beside(const std::string& fresh, int fd, const std::string& target, View content,
                    unsigned mode) {
    if (Status owned = copy_ownership(fd, target, mode); !owned) return owned;
    if (Status written = write_all(fd, content); !written) return written;
    if (::fsync(fd) != 0) return failed("fsync");
    if (::rename(fresh.c_str(), target.c_str()) != 0) return failed("rename");
    return ok();
}

/// A copy with more room; the old one is wiped by its owner.
SecretBytes larger(const SecretBytes& content, std::size_t size) {
    SecretBytes copy{size};
    std::ranges::copy(content.view(), copy.writable().begin());
    return copy;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        close();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void Descriptor::close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

Result<SecretBytes> read_file(const std::string& path, std::size_t longest) {
    constexpr std::size_t first_room = 4096;
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)};
    if (!file) return failed("open");
    // Files in /proc and /sys do not know their size: read until the end, one byte over the limit.
    SecretBytes content{std::min(first_room, longest + 1)};
    std::size_t used = 0;
    while (used <= longest) {
        if (used == content.size()) content = larger(content, std::min(4 * used, longest + 1));
        const ssize_t got =
            ::read(file.get(), content.writable().data() + used, content.size() - used);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("read");
        if (got == 0) break;
        used += static_cast<std::size_t>(got);
    }
    if (used > longest) return Error{Errc::io, "read", EFBIG};
    content.shorten(used);
    return content;
}

Status replace_file(const std::string& path, View content, unsigned mode) {
    const std::string target = target_of(path);
    std::string fresh = target + ".XXXXXX";
    Descriptor file{::mkostemp(fresh.data(), O_CLOEXEC)};
    if (!file) return failed("new file beside the old one");
    Status written = write_beside(fresh, file.get(), target, content, mode);
    if (!written) {
        ::unlink(fresh.c_str());
        return written;
    }
    return sync_directory_of(target);
}

}  // namespace hsm4
