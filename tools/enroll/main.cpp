// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4-enroll: command line.
#include <CLI/CLI.hpp>

#include "tools/enroll/enroll.hpp"
#include "tools/enroll/problem.hpp"

namespace {

using hsm4::enroll::Options;

/// Names what an option takes, and nothing of what it excludes: the page says that.
class Brief : public CLI::Formatter {
public:
    std::string make_option_opts(const CLI::Option* option) const override {
        const bool is_flag = option->get_items_expected_max() == 0;
        return is_flag || option->get_positional() ? "" : '=' + option->get_type_name();
    }
};

void declare_way_in(CLI::App& app, Options& options) {
    CLI::Option* key_file = app.add_option("--unlock-key-file", options.unlock_key_file,
                                           "Existing key (- is standard input)")
                                ->type_name("FILE");
    app.add_flag("--unlock-hsm4", options.unlock_hsm4, "Unlock by the present token")
        ->excludes(key_file);
    app.add_option("--unlock-pin-file", options.unlock_pin_file, "Its PIN, not asked for")
        ->type_name("FILE");
}

void declare_actions(CLI::App& app, Options& options) {
    CLI::Option* list = app.add_flag("--list", options.list, "Show what opens DEVICE");
    CLI::Option* test = app.add_flag("--test", options.test, "Does the token open DEVICE now?");
    test->excludes(list);
    app.add_flag("--all", options.all, "List or test every volume of the machine");
    CLI::Option* rotate = app.add_flag("--rotate", options.rotate, "Replace key, slot and token");
    CLI::Option* ahead =
        app.add_flag("--ahead", options.ahead, "The new key outlives the next hsm4ctl revoke");
    CLI::Option* ensure = app.add_flag("--ensure", options.ensure, "Keep a valid token, else add");
    ensure->excludes(rotate)->excludes(ahead);
    app.add_flag("--with-pin", options.with_pin, "Ask for a PIN to unlock");
    app.add_flag("--change-pin", options.change_pin, "Replace the token by one with a new PIN")
        ->excludes(ensure);
    app.add_option("--pin-file", options.pin_file, "The new PIN, not asked for")->type_name("FILE");
    app.add_flag("--recovery-key", options.recovery_key, "Add a key to write down");
    app.add_option("--recovery-escrow", options.escrow_certificates,
                   "Add a recovery key for the holder of CERT (PEM)")
        ->type_name("CERT")
        ->allow_extra_args(false);
    app.add_option("--escrow-to", options.escrow_to, "Where it goes")->type_name("FILE");
    app.add_option("--wipe-slot", options.wipe, "Remove: all, empty, password, recovery, hsm4 or N")
        ->type_name("SLOT")
        ->delimiter(',')
        ->allow_extra_args(false);
    CLI::Option* import = app.add_option("--import-locked-key", options.import_locked_key,
                                         "Make a token of a key that a vendor's tools locked")
                              ->type_name("FILE");
    list->excludes(import);
    test->excludes(import);
    for (CLI::Option* alone : {list, test, import})
        for (const char* writing : {"--rotate", "--ahead", "--ensure", "--with-pin", "--change-pin",
                                    "--recovery-key", "--recovery-escrow", "--wipe-slot"})
            alone->excludes(app.get_option(writing));
}

void declare_manner(CLI::App& app, Options& options) {
    app.add_option("--header", options.header, "Detached LUKS2 header")->type_name("FILE");
    app.add_option("--header-backup", options.header_backup, "Save the header first")
        ->type_name("FILE")
        ->excludes(app.get_option("--list"))
        ->excludes(app.get_option("--test"));
    app.add_option("--hsm4-device", options.module_uri, "The module, not hsm4.conf's")
        ->type_name("URI");
    app.add_flag("--dry-run", options.dry_run, "Say each step, do none");
    app.add_flag("--json", options.json, "One line of JSON for each DEVICE");
    app.add_flag("--no-prompt", options.no_prompt, "Fail where a question would be asked");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Let the security module open LUKS2 volumes.", "hsm4-enroll"};
    app.set_version_flag("--version", std::string{"hsm4-enroll "} + HSM4_VERSION);
    auto formatter = std::make_shared<Brief>();
    formatter->column_width(28);
    app.formatter(formatter);
    app.footer("Exit status: 0 done, 1 module or volume refused, 2 wrong usage.");
    Options options;
    app.add_option("DEVICE", options.devices, "Block devices or image files");
    declare_way_in(app, options);
    declare_actions(app, options);
    declare_manner(app, options);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? hsm4::enroll::exit_done : hsm4::enroll::exit_usage;
    }
    return hsm4::enroll::run(options);
}
