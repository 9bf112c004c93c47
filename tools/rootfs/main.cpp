// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-rootfs: command line.
#include <CLI/CLI.hpp>
#include <cstdlib>

#include "tools/rootfs/at_boot.hpp"
#include "tools/rootfs/begin.hpp"
#include "tools/rootfs/convert.hpp"
#include "tools/rootfs/migrate/migrate.hpp"
#include "tools/rootfs/provision/provision.hpp"
#include "tools/rootfs/tidying.hpp"

namespace rootfs = hsm4::rootfs;

namespace {

struct Arguments {
    rootfs::Request request;
    rootfs::ConvertOptions convert;
    rootfs::ProvisionOptions provision;
    rootfs::MigrateOptions migrate;
    bool erase = false;
    bool keep = false;
    bool after_boot = false;
    bool dry_run = false;
    bool as_json = false;
    bool at_boot = false;
    std::string recovery_key_file;
};

/// What every new volume may be told.
void add_volume_options(CLI::App* command, Arguments& given) {
    command
        ->add_option("--cipher", given.request.cipher,
                     "aes or adiantum; chosen by the CPU otherwise")
        ->type_name("NAME");
    command
        ->add_option("--hsm4-device", given.request.module_uri,
                     "The module, instead of hsm4.conf's")
        ->type_name("URI");
    auto* cert = command
                     ->add_option("--recovery-escrow", given.convert.escrow_certificates,
                                  "Encrypt the recovery key for the holder of this certificate")
                     ->type_name("CERT");
    command->add_option("--escrow-to", given.convert.escrow_to, "Where to; %u is the volume's UUID")
        ->type_name("FILE")
        ->needs(cert);
    command->add_flag("--recovery-key", given.convert.recovery_key,
                      "Show the recovery key even when there is an escrow");
    command->add_flag("--yes", given.convert.yes, "Do not ask whether to go on");
}

CLI::App* add_convert(CLI::App& app, Arguments& given) {
    CLI::App* convert =
        app.add_subcommand("convert", "Prepare the encryption, which the next boot then does");
    add_volume_options(convert, given);
    auto* dry_run = convert
                        ->add_flag("--dry-run", given.dry_run,
                                   "Examine this system and print the plan; change nothing")
                        ->excludes("--yes");
    convert->add_flag("--full", given.request.whole, "Encrypt what is not in use as well");
    convert->add_flag("--json", given.as_json, "Print findings and plan as one JSON object")
        ->needs(dry_run);
    return convert;
}

CLI::App* add_migrate(CLI::App& app, Arguments& given) {
    CLI::App* migrate = app.add_subcommand(
        "migrate", "Copy the root to an encrypted volume on another disk, and boot from there");
    add_volume_options(migrate, given);
    migrate->add_option("-x,--external", given.migrate.disk, "The other disk")
        ->type_name("DEV")
        ->capture_default_str();
    migrate->add_option("-p,--target-partition", given.migrate.number, "Its partition")
        ->type_name("N")
        ->capture_default_str();
    migrate
        ->add_option("-s,--max-size", given.migrate.max_size,
                     "Size of the new root at most, such as 16G")
        ->type_name("SIZE")
        ->transform(CLI::AsSizeValue(false));
    migrate
        ->add_option("-m,--source-partition", given.migrate.source_number,
                     "The root's partition now")
        ->type_name("N")
        ->capture_default_str();
    auto* erase = migrate->add_flag("--erase-source", given.erase,
                                    "Erase the old root once the new one has come up");
    migrate->add_flag("--keep-source", given.keep, "Keep the old root, readable as it is")
        ->excludes(erase);
    return migrate;
}

CLI::App* add_resume(CLI::App& app, Arguments& given) {
    CLI::App* resume =
        app.add_subcommand("resume", "Tidy up after a conversion, or let the next boot try again");
    auto* at_boot = resume->add_flag("--at-boot", given.at_boot,
                                     "For the boot script of the initramfs: convert");
    resume
        ->add_flag("--after-boot", given.after_boot,
                   "For the unit that runs at each boot: only tidy up")
        ->excludes(at_boot);
    resume
        ->add_option("--recovery-key-file", given.recovery_key_file,
                     "Open with the recovery key in FILE (- is standard input), not by the module")
        ->type_name("FILE")
        ->needs(at_boot);
    return resume;
}

CLI::App* add_provision(CLI::App& app, rootfs::ProvisionOptions& given) {
    CLI::App* provision = app.add_subcommand(
        "provision", "Write an encrypted root from a prepared image to this unit's card or disk");
    const auto option = [&](const char* name, std::string& value, const char* help) {
        return provision->add_option(name, value, help);
    };
    option("TARGET", given.unit.target, "The whole card or disk; everything on it is overwritten")
        ->required();
    option("--image", given.image, "A disk image (MBR, FAT, ext4) or a tar archive of the root")
        ->required()
        ->type_name("FILE");
    provision
        ->add_option("--recovery-escrow", given.unit.escrow.certificates,
                     "Encrypt the recovery key for the holder of this certificate")
        ->required()
        ->type_name("CERT");
    option("--escrow-to", given.unit.escrow.file, "Where to; %u is the volume's UUID")
        ->required()
        ->type_name("FILE");
    option("--hostname", given.unit.host, "Name of the unit; %s is the board's serial number")
        ->type_name("NAME");
    option("--cipher", given.unit.cipher, "aes or adiantum; chosen by the CPU otherwise")
        ->type_name("NAME");
    option("--hsm4-device", given.module_uri, "The module, instead of hsm4.conf's")
        ->type_name("URI");
    provision->add_flag("--lock", given.unit.lock,
                        "Then put the module into production, bound to this unit for good");
    provision->add_flag("--batch", given.batch, "Then wait for the next card, and so on");
    provision->add_flag("--yes", given.yes, "Do not ask whether to go on");
    return provision;
}

int run_migrate(Arguments given) {
    given.migrate.common = given.convert;
    if (given.erase || given.keep) given.migrate.erase = given.erase;
    return rootfs::migrate(std::move(given.request), given.migrate);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Encrypted root file systems for the Raspberry Pi.", "hsm4-rootfs"};
    app.set_version_flag("--version", std::string{"hsm4-rootfs "} + HSM4_VERSION);
    app.footer(
        "Exit status: 0 done, 1 refused, 2 wrong usage, 3 the recovery key is needed (at boot).");
    app.require_subcommand(1);
    Arguments given;
    CLI::App* convert = add_convert(app, given);
    CLI::App* resume = add_resume(app, given);
    CLI::App* migrate = add_migrate(app, given);
    CLI::App* provision = add_provision(app, given.provision);
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
    if (migrate->parsed()) return run_migrate(std::move(given));
    if (provision->parsed()) return rootfs::provision(given.provision);
    if (resume->parsed() && given.at_boot) return rootfs::resume_at_boot(given.recovery_key_file);
    if (resume->parsed()) return rootfs::resume(given.after_boot);
    if (cancel->parsed()) return rootfs::cancel();
    return rootfs::show_status(given.as_json);
}
