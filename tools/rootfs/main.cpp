// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs: command line.
#include <CLI/CLI.hpp>

#include "tools/rootfs/convert.hpp"

int main(int argc, char** argv) {
    CLI::App app{"Encrypt the root file system of a running Raspberry Pi.", "hsm4-rootfs"};
    app.set_version_flag("--version", std::string{"hsm4-rootfs "} + HSM4_VERSION);
    app.footer("Exit status: 0 done, 1 refused, 2 wrong usage.");
    app.require_subcommand(1);

    hsm4::rootfs::Request request;
    bool dry_run = false;
    bool as_json = false;
    CLI::App* convert = app.add_subcommand("convert", "Examine this system, and print the plan");
    convert
        ->add_flag("--dry-run", dry_run,
                   "Change nothing (must be given: this version does not convert yet)")
        ->required();
    convert->add_flag("--full", request.whole, "Encrypt what is not in use as well");
    convert->add_option("--cipher", request.cipher, "aes or adiantum; chosen by the CPU otherwise")
        ->type_name("NAME");
    convert->add_option("--hsm4-device", request.module_uri, "The module, instead of hsm4.conf's")
        ->type_name("URI");
    convert->add_flag("--json", as_json, "Print findings and plan as one JSON object");

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? hsm4::enroll::exit_done : hsm4::enroll::exit_usage;
    }
    return hsm4::rootfs::show_plan(std::move(request), as_json);
}
