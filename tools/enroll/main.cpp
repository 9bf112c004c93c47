// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4-enroll: command line.
#include <CLI/CLI.hpp>

#include "tools/enroll/enroll.hpp"
#include "tools/enroll/problem.hpp"

int main(int argc, char** argv) {
    CLI::App app{"Let the security module open a LUKS2 volume.", "hsm4-enroll"};
    app.set_version_flag("--version", std::string{"hsm4-enroll "} + HSM4_VERSION);
    app.footer("Exit status: 0 done, 1 module or volume refused, 2 wrong usage.");

    hsm4::enroll::Options options;
    app.add_option("DEVICE", options.devices, "Block device or image file with a LUKS2 header")
        ->required();
    app.add_option("--header", options.header, "Detached LUKS2 header of DEVICE")
        ->type_name("FILE");
    app.add_option("--unlock-key-file", options.unlock_key_file,
                   "Existing key instead of a prompt; - is standard input")
        ->type_name("FILE");
    app.add_option("--hsm4-device", options.module_uri, "The module, instead of hsm4.conf's")
        ->type_name("URI");
    CLI::Option* list = app.add_flag("--list", options.list, "Show key slots and tokens");
    CLI::Option* test =
        app.add_flag("--test", options.test, "Try whether the token opens DEVICE now")
            ->excludes(list);

    app.add_option("--import-locked-key", options.import_locked_key,
                   "Make a token of a key that a vendor's tools locked; change nothing else")
        ->type_name("FILE")
        ->excludes(list)
        ->excludes(test);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? hsm4::enroll::exit_done : hsm4::enroll::exit_usage;
    }
    return hsm4::enroll::run(options);
}
