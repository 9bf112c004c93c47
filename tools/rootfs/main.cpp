// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs: command line.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "tools/rootfs/at_boot.hpp"
#include "tools/rootfs/begin.hpp"
#include "tools/rootfs/convert.hpp"
#include "tools/rootfs/tidying.hpp"

namespace rootfs = hsm4::rootfs;

namespace {

struct Arguments {
    rootfs::Request request;
    rootfs::ConvertOptions convert;
    bool dry_run = false;
    bool as_json = false;
    bool at_boot = false;
    std::string recovery_key_file;
};

CLI::App* add_convert(CLI::App& app, Arguments& given) {
    CLI::App* convert =
        app.add_subcommand("convert", "Prepare the encryption, which the next boot then does");
    auto* dry_run = convert->add_flag("--dry-run", given.dry_run,
                                      "Examine this system and print the plan; change nothing");
    convert->add_flag("--full", given.request.whole, "Encrypt what is not in use as well");
    convert
        ->add_option("--cipher", given.request.cipher,
                     "aes or adiantum; chosen by the CPU otherwise")
        ->type_name("NAME");
    convert
        ->add_option("--hsm4-device", given.request.module_uri,
                     "The module, instead of hsm4.conf's")
        ->type_name("URI");
    auto* cert = convert
                     ->add_option("--recovery-escrow", given.convert.escrow_certificates,
                                  "Encrypt the recovery key for the holder of this certificate")
                     ->type_name("CERT");
    convert->add_option("--escrow-to", given.convert.escrow_to, "Where to; %u is the volume's UUID")
        ->type_name("FILE")
        ->needs(cert);
    convert->add_flag("--recovery-key", given.convert.recovery_key,
                      "Show the recovery key even when there is an escrow");
    convert->add_flag("--yes", given.convert.yes, "Do not ask whether to go on")->excludes(dry_run);
    convert->add_flag("--json", given.as_json, "Print findings and plan as one JSON object")
        ->needs(dry_run);
    return convert;
}

CLI::App* add_resume(CLI::App& app, Arguments& given) {
    CLI::App* resume =
        app.add_subcommand("resume", "Tidy up after a conversion, or let the next boot try again");
    auto* at_boot = resume->add_flag("--at-boot", given.at_boot,
                                     "For the boot script of the initramfs: convert");
    resume
        ->add_option("--recovery-key-file", given.recovery_key_file,
                     "Open with the recovery key in FILE (- is standard input), not by the module")
        ->type_name("FILE")
        ->needs(at_boot);
    return resume;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Encrypt the root file system of a running Raspberry Pi.", "hsm4-rootfs"};
    app.set_version_flag("--version", std::string{"hsm4-rootfs "} + HSM4_VERSION);
    app.footer(
        "Exit status: 0 done, 1 refused, 2 wrong usage, 3 the recovery key is needed (at boot).");
    app.require_subcommand(1);
    Arguments given;
    CLI::App* convert = add_convert(app, given);
    CLI::App* resume = add_resume(app, given);
    CLI::App* status = app.add_subcommand("status", "Say how far a conversion is");
    status->add_flag("--json", given.as_json, "Print one JSON object");
    CLI::App* cancel =
        app.add_subcommand("cancel", "Take back what convert prepared, before the next boot");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? hsm4::enroll::exit_done : hsm4::enroll::exit_usage;
    }
    if (convert->parsed() && given.dry_run)
        return rootfs::show_plan(std::move(given.request), given.as_json);
    if (convert->parsed()) return rootfs::convert(std::move(given.request), given.convert);
    if (resume->parsed() && given.at_boot) return rootfs::resume_at_boot(given.recovery_key_file);
    if (resume->parsed()) return rootfs::resume();
    if (cancel->parsed()) return rootfs::cancel();
    return rootfs::show_status(given.as_json);
}
