// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Order, initramfs.
#include "tools/rootfs/prepare.hpp"

#include <cstdio>
#include <filesystem>

#include "hsm4/files.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/tidying.hpp"
#include "tools/rootfs/verify.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

Outcome<Order> order_for(const Layout& layout) {
    Order order;
    order.root = partuuid_of(layout.root.node);
    order.boot = partuuid_of(layout.boot.node);
    if (order.root.empty() || order.boot.empty())
        return Problem{"no PARTUUID of " + layout.root.node + " or " + layout.boot.node +
                       " in /dev/disk/by-partuuid; the boot would not find them"};
    order.boot_mount = layout.boot.mount;
    return order;
}

Done make_boot_directory(const Order& order) {
    const std::string directory = order.directory();
    std::error_code failed;
    fs::create_directories(directory, failed);
    if (failed) return Problem{directory + " cannot be made: " + failed.message()};
    Status synced = sync_directory(order.boot_mount);
    return synced ? done() : Done{Problem{synced.error()}};
}

Done build_initramfs(const Order& order, const Cipher& cipher) {
    std::error_code failed;
    fs::create_directories(fs::path{order_path}.parent_path(), failed);
    constexpr unsigned mode = 0644;
    if (Status written = replace_file(order_path, view_of(to_json(order)), mode); !written)
        return Problem{written.error()};
    say("Making the initramfs anew...");
    if (Done made = make_initramfs(); !made) return made;
    return verify_initramfs(order, cipher);
}

int fail(const Problem& problem) {
    std::fflush(stdout);
    std::fprintf(stderr, "hsm4-rootfs: %s\n", problem.text.c_str());
    return problem.exit_code;
}

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

}  // namespace hsm4::rootfs
