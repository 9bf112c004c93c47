// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Is there a bus, or a socket, to reach the module on?
#include <filesystem>

#include "tools/ctl/doctor/checkup.hpp"

namespace hsm4::ctl::doctor {

void check_bus(Checkup& checkup) {
    // The vendor's software has a bus of its own.
    if (!checkup.uri || checkup.is_vendors() || checkup.uri->path.empty()) return;
    const std::string& path = checkup.uri->path;
    std::error_code failed;
    if (std::filesystem::exists(path, failed)) {
        checkup.good("bus", path + " is there");
        return;
    }
    const bool i2c = checkup.uri->kind == Uri::Kind::i2c;
    checkup.add(
        Severity::failure, "bus", path + " does not exist", "the module cannot be reached",
        i2c ? "modprobe i2c-dev (and set dtparam=i2c_arm=on in config.txt on a Raspberry Pi)"
            : "systemctl status hsm4-emulator, or correct `device =` in hsm4.conf");
}

}  // namespace hsm4::ctl::doctor
