// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl: look at a module, bind it, use its services.
#include <CLI/CLI.hpp>

#include <array>

#include "hsm4/wire/protocol.hpp"
#include "tools/ctl/attest.hpp"
#include "tools/ctl/bind.hpp"
#include "tools/ctl/info.hpp"
#include "tools/ctl/random.hpp"
#include "tools/ctl/status.hpp"

namespace {

using hsm4::ctl::Options;

constexpr std::size_t most_random_bytes = 65536;

void declare_nothing(CLI::App& /*verb*/, Options& /*options*/) {}

void declare_bind(CLI::App& verb, Options& options) {
    verb.add_option("--slot", options.slot, "Binding slot of the module (0 to 3), one per host")
        ->check(CLI::Range(0, hsm4::wire::slot_count - 1))
        ->type_name("N");
    auto* medium = verb.add_option("--boot-medium", options.boot_medium,
                                   "Measure this disk instead of the one that was booted from");
    medium->type_name("DEV");
    verb.add_option("--component", options.components,
                    "Measure exactly this; may be given several times")
        ->type_name("\"KIND SOURCE\"")
        ->excludes(medium);
    verb.add_flag("--update-initramfs", options.update_initramfs,
                  "Rebuild the initramfs of every kernel afterwards");
}

void declare_random(CLI::App& verb, Options& options) {
    verb.add_option("--bytes", options.bytes, "How many (1 to 65536; default 32)")
        ->check(CLI::Range(std::size_t{1}, most_random_bytes))
        ->type_name("N");
    verb.add_flag("--hex", options.hex, "As hexadecimal digits, which a terminal gets anyway");
}

struct Verb {
    const char* name;
    const char* help;
    void (*declare)(CLI::App& verb, Options& options);
    int (*run)(const Options& options);
};

constexpr std::array verbs{
    Verb{"status", "In what state the module is, and what to do", declare_nothing,
         hsm4::ctl::run_status},
    Verb{"info", "What the module is: model, firmware, keys", declare_nothing, hsm4::ctl::run_info},
    Verb{"bind", "Bind the module to this host", declare_bind, hsm4::ctl::run_bind},
    Verb{"attest", "Let host and module prove the binding to each other now", declare_nothing,
         hsm4::ctl::run_attest},
    Verb{"random", "Random bytes of the module", declare_random, hsm4::ctl::run_random},
};

/// Options that stand in front of the verb as well as behind it.
void declare_common(CLI::App& app, Options& options) {
    app.add_option("--hsm4-device", options.device,
                   "The module, for example i2c:/dev/i2c-1@0x30 or unix:PATH")
        ->type_name("URI");
    app.add_flag("--json", options.json, "Print one JSON object");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Look at a security module, bind it to this host, and use it.", "hsm4ctl"};
    app.set_version_flag("--version", std::string{"hsm4ctl "} + HSM4_VERSION);
    app.require_subcommand(1);
    app.footer("Exit status: 0 done, 1 refused or failed, 2 wrong usage. See hsm4ctl(8).");

    Options options;
    declare_common(app, options);
    std::array<CLI::App*, verbs.size()> parsers{};
    for (std::size_t at = 0; at < verbs.size(); ++at) {
        parsers[at] = app.add_subcommand(verbs[at].name, verbs[at].help);
        declare_common(*parsers[at], options);
        verbs[at].declare(*parsers[at], options);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? hsm4::ctl::exit_done : hsm4::ctl::exit_usage;
    }
    for (std::size_t at = 0; at < verbs.size(); ++at)
        if (parsers[at]->parsed()) return verbs[at].run(options);
    return hsm4::ctl::exit_usage;
}
