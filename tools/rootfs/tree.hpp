// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Comparing files: what was read from the disk is what was written to it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "hsm4/crypto.hpp"
#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// What is to be compared of a file.
enum class Compared {
    content,    ///< kind and content: FAT knows no more
    everything  ///< mode, owner, device number, link, extended attributes and (of files) time as
                ///< well
};

/// Path below the root of a tree, to a hash of what is compared.
using Sums = std::map<std::string, crypto::Hash>;

/// Of all files below `root`, on that file system alone.
Outcome<Sums> sums_of(const std::string& root, Compared compared);
/// Of these, which lie below `root`.
Outcome<Sums> sums_of(const std::string& root, const std::vector<std::string>& paths,
                      Compared compared);
/// A path that only one of them has, or has otherwise; empty when they are the same.
std::string first_difference(const Sums& one, const Sums& other);

/// The first path below either root that the other has not, or has otherwise; empty when there is
/// none.
Outcome<std::string> difference_between(const std::string& one, const std::string& other);

/// What changes in the inode when somebody writes, whatever the clock says.
struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
};
using Stamps = std::map<std::string, Stamp>;
Outcome<Stamps> stamps_of(const std::string& root);
/// Paths in `after` that are new there or were written since `before`.
std::vector<std::string> written_since(const Stamps& before, const Stamps& after);

}  // namespace hsm4::rootfs
