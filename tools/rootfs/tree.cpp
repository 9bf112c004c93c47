// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Walking, hashing.
#include "tools/rootfs/tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "hsm4/files.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/rootfs/plan.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

Problem failed(const std::string& path) { return Problem{path + ": " + std::strerror(errno)}; }

/// Hashes what it is told, part after part.
class Chain {
public:
    Done add(View part) {
        auto next = crypto::sha256(hash_, part);
        if (!next) return Problem{next.error()};
        hash_ = *next;
        return done();
    }
    const crypto::Hash& hash() const noexcept { return hash_; }

private:
    crypto::Hash hash_{};
};

Done add_content(Chain& chain, const std::string& path, std::span<std::byte> buffer) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
    if (!file) return failed(path);
    for (;;) {
        std::size_t filled = 0;
        ssize_t size = 0;
        while (filled < buffer.size() &&
               (size = ::read(file.get(), buffer.data() + filled, buffer.size() - filled)) > 0)
            filled += static_cast<std::size_t>(size);
        if (size < 0) return failed(path);
        if (filled == 0) return done();
        if (Done added = chain.add(buffer.first(filled)); !added) return added;
    }
}

/// Names in their own order, so that the file system's does not count.
std::set<std::string> attribute_names(const std::string& path) {
    std::string list(64U << 10, '\0');
    const ssize_t size = ::llistxattr(path.c_str(), list.data(), list.size());
    std::set<std::string> names;
    for (std::size_t at = 0; size > 0 && at < static_cast<std::size_t>(size);) {
        const std::string name = list.c_str() + at;
        at += name.size() + 1;
        names.insert(name);
    }
    return names;
}

Done add_attributes(Chain& chain, const std::string& path) {
    for (const std::string& name : attribute_names(path)) {
        Bytes value(64U << 10);
        const ssize_t size = ::lgetxattr(path.c_str(), name.c_str(), value.data(), value.size());
        if (size < 0) return failed(path);
        value.resize(static_cast<std::size_t>(size));
        if (Done added = chain.add(view_of(name)); !added) return added;
        if (Done added = chain.add(value); !added) return added;
    }
    return done();
}

std::string metadata(const struct stat& status) {
    std::string text = std::to_string(status.st_mode) + ' ' + std::to_string(status.st_uid) + ' ' +
                       std::to_string(status.st_gid) + ' ';
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) text += std::to_string(status.st_rdev);
    if (S_ISREG(status.st_mode))
        text +=
            std::to_string(status.st_mtim.tv_sec) + '.' + std::to_string(status.st_mtim.tv_nsec);
    return text;
}

Outcome<crypto::Hash> sum_of(const std::string& path, Compared compared,
                             std::span<std::byte> buffer) {
    struct stat status = {};
    if (::lstat(path.c_str(), &status) != 0) return failed(path);
    Chain chain;
    const bool all = compared == Compared::everything;
    const std::string head = all ? metadata(status) : std::to_string(status.st_mode & S_IFMT);
    if (Done added = chain.add(view_of(head)); !added) return added.error();
    if (all)
        if (Done added = add_attributes(chain, path); !added) return added.error();
    if (S_ISREG(status.st_mode))
        if (Done added = add_content(chain, path, buffer); !added) return added.error();
    if (S_ISLNK(status.st_mode)) {
        std::error_code error;
        const std::string link = fs::read_symlink(path, error).string();
        if (Done added = chain.add(view_of(link)); !added) return added.error();
    }
    return chain.hash();
}

/// Calls `visit(path below root, stat)` for all but the root itself.
template <class Visit>
Done walk(const std::string& root, Visit visit) {
    struct stat top = {};
    if (::lstat(root.c_str(), &top) != 0) return failed(root);
    std::error_code error;
    fs::recursive_directory_iterator at{root, error};
    for (; !error && at != fs::recursive_directory_iterator{}; at.increment(error)) {
        if (Done on = enroll::go_on(); !on) return on;
        const std::string path = at->path().string();
        struct stat status = {};
        if (::lstat(path.c_str(), &status) != 0) return failed(path);
        if (status.st_dev != top.st_dev) {
            at.disable_recursion_pending();
            continue;
        }
        if (Done visited = visit(path.substr(root.size() + 1), status); !visited) return visited;
    }
    return error ? Done{Problem{root + ": " + error.message()}} : done();
}

}  // namespace

Outcome<Sums> sums_of(const std::string& root, Compared compared) {
    Bytes buffer(mebibyte);
    Sums sums;
    Done walked = walk(root, [&](const std::string& path, const struct stat&) -> Done {
        auto sum = sum_of(root + '/' + path, compared, buffer);
        if (!sum) return sum.error();
        sums.emplace(path, *sum);
        return done();
    });
    if (!walked) return walked.error();
    return sums;
}

Outcome<Sums> sums_of(const std::string& root, const std::vector<std::string>& paths,
                      Compared compared) {
    Bytes buffer(mebibyte);
    Sums sums;
    for (const std::string& path : paths) {
        auto sum = sum_of(root + '/' + path, compared, buffer);
        if (!sum) return sum.error();
        sums.emplace(path, *sum);
    }
    return sums;
}

std::string first_difference(const Sums& one, const Sums& other) {
    for (const auto& [path, sum] : one)
        if (const auto found = other.find(path); found == other.end() || found->second != sum)
            return path;
    for (const auto& [path, sum] : other)
        if (!one.contains(path)) return path;
    return {};
}

Outcome<std::string> difference_between(const std::string& one, const std::string& other) {
    auto there = sums_of(one, Compared::everything);
    if (!there) return there.error();
    auto here = sums_of(other, Compared::everything);
    if (!here) return here.error();
    return first_difference(*there, *here);
}

Outcome<Stamps> stamps_of(const std::string& root) {
    Stamps stamps;
    Done walked = walk(root, [&](const std::string& path, const struct stat& status) -> Done {
        stamps.emplace(path, Stamp{status.st_ino, status.st_size, status.st_ctim.tv_sec,
                                   status.st_ctim.tv_nsec});
        return done();
    });
    if (!walked) return walked.error();
    return stamps;
}

std::vector<std::string> written_since(const Stamps& before, const Stamps& after) {
    std::vector<std::string> paths;
    for (const auto& [path, stamp] : after)
        if (const auto found = before.find(path); found == before.end() || found->second != stamp)
            paths.push_back(path);
    return paths;
}

}  // namespace hsm4::rootfs
