// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// rsync, and our own comparison.
#include "tools/rootfs/migrate/copy.hpp"

#include <algorithm>

#include "tools/rootfs/command.hpp"
#include "tools/rootfs/mount.hpp"
#include "tools/rootfs/tree.hpp"

namespace hsm4::rootfs {

Done copy_tree(const std::string& from, const std::string& to, bool at_rest,
               const Progress& progress) {
    const std::vector<std::string> words{"rsync",     "--archive",     "--hard-links",
                                         "--acls",    "--xattrs",      "--one-file-system",
                                         "--sparse",  "--numeric-ids", "--delete",
                                         "--inplace", "--whole-file",  from + '/',
                                         to + '/'};
    const auto status = run_watched(words, patient, [&] {
        const std::uint64_t all = used_in(from);
        if (progress) static_cast<void>(progress(std::min(used_in(to), all), all));
    });
    if (!status) return Problem{"rsync: " + Problem{status.error()}.text};
    // A file that was there when rsync made its list, and is gone.
    constexpr int vanished = 24;
    if (*status != 0 && (at_rest || *status != vanished))
        return Problem{"rsync failed (" + std::to_string(*status) + "); its messages are above"};
    return done();
}

Done compare_trees(const std::string& from, const std::string& to) {
    auto path = difference_between(from, to);
    if (!path) return path.error();
    if (!path->empty()) return Problem{"the copy has another /" + *path};
    return done();
}

}  // namespace hsm4::rootfs
