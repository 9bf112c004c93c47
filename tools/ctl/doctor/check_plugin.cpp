// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Is the plugin where the installed cryptsetup looks for it?
#include <libcryptsetup.h>

#include <filesystem>

#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/plugin_file.hpp"

namespace hsm4::ctl::doctor {

std::string installed_plugin(const std::string& root) {
    const char* directory = crypt_token_external_path();
    return root + (directory != nullptr ? directory : "") + '/' + plugin_name;
}

void check_plugin(Checkup& checkup) {
    const std::string path = installed_plugin(checkup.root);
    std::error_code failed;
    if (std::filesystem::is_regular_file(path, failed))
        checkup.good("plugin", path);
    else
        checkup.add(Severity::failure, "plugin", path + " is missing",
                    "cryptsetup cannot use the token",
                    "apt-get install --reinstall libcryptsetup-token-hsm4");
}

}  // namespace hsm4::ctl::doctor
