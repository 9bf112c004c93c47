// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Is hsm4.conf there, whole, and about a module?
#include "hsm4/describe.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/vendor_system.hpp"

namespace hsm4::ctl::doctor {

void check_config(Checkup& checkup) {
    auto config = load_config(checkup.config_file);
    if (!config) {
        checkup.add(Severity::failure, "config", describe(config.error()),
                    "nothing can be unlocked by a configuration that is not understood",
                    "editor " + checkup.config_file);
        return;
    }
    // As with a token: where nothing is named, the kind of module decides.
    const char* backend = has_vendor_software(checkup.root) ? "zymbit" : "open";
    const bool is_named = !checkup.options.device.empty() || !config->device.empty();
    auto uri = choose_uri(checkup.options.device, config->device, is_named ? "" : backend);
    checkup.config = std::move(*config);
    if (!uri) {
        checkup.add(Severity::failure, "config", checkup.config_file + " names no valid module",
                    "the module is not found", "editor " + checkup.config_file);
        return;
    }
    checkup.uri = std::move(*uri);
    checkup.good("config", checkup.config_file + ", module " + to_text(*checkup.uri));
}

}  // namespace hsm4::ctl::doctor
