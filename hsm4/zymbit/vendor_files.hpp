// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The vendor's files and processes, as far as they matter here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hsm4::zymbit {

/// Where they are; tests have them elsewhere.
struct VendorFiles {
    std::string state = "/var/lib/zymbit";
    std::string proc = "/proc";
    std::string run = "/run";
    std::string network = "/sys/class/net";
    std::string unlock_program = "/sbin/zkunlockifs";
    /// Newest first.
    std::vector<std::string> libraries{"/usr/lib/libzk_app_utils.so",
                                       "/usr/local/lib/libzk_app_utils.so"};
};

/// `text` without what does not print.
std::string printable(std::string_view text);

/// A serial number fit for a token: `told` by the software, else the name of the directory in which
/// the module's salt lies, else "unknown".
std::string serial_from(std::string_view told, const VendorFiles& files);

/// Whether a wired network card is there, or nothing can tell. The module measures its MAC address.
bool has_network_card(const VendorFiles& files);

/// Whether the vendor's daemon runs; it owns the module then.
bool zkifc_runs(const VendorFiles& files);

/// The caller's environment, and over it what zkenv.conf assigns (ZK_GPIO_WAKE_PIN), as the
/// vendor's scripts export it. Never PATH or what the dynamic linker listens to.
std::vector<std::string> program_environment(const VendorFiles& files);

}  // namespace hsm4::zymbit
