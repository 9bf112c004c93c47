// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Console, kernel log, /dev/disk/by-partuuid, param.conf.
#include "tools/rootfs/boot_steps.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>

#include "hsm4/clock.hpp"
#include "tools/rootfs/boot_log.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::chrono::seconds patience{120};  // for a disk on USB, say
constexpr std::chrono::milliseconds pause{200};
constexpr const char* parameters = "/conf/param.conf";  // init reads it after each boot script

}  // namespace

void print_at_boot(const std::string& line) {
    std::printf("hsm4: %s\n", line.c_str());
    std::fflush(stdout);
}

void tell(const std::string& line) {
    print_at_boot(line);
    std::ofstream{"/dev/kmsg"} << "<7>hsm4-rootfs: " << line << std::endl;
}

void tell(const std::string& directory, const std::string& line) {
    tell(line);
    append_to_log(directory + "/log", line);
}

Outcome<std::string> wait_for_partition(const std::string& partuuid) {
    const std::string path = "/dev/disk/by-partuuid/" + partuuid;
    SystemClock clock;
    const Deadline deadline{clock, patience};
    while (::access(path.c_str(), F_OK) != 0) {
        if (deadline.expired()) return Problem{path + " does not appear"};
        clock.sleep(pause);
    }
    return path;
}

Done choose_root(const std::string& root) {
    std::ofstream file{parameters, std::ios::app};
    file << "ROOT=" << root << '\n';
    file.close();
    return file ? done() : Done{Problem{std::string{parameters} + " cannot be written"}};
}

}  // namespace hsm4::rootfs
