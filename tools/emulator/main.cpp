// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4-emulator: the reference module in software.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "tools/emulator/inject.hpp"
#include "tools/emulator/run.hpp"

namespace {

constexpr int exit_usage = 2;

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "A security module in software, for trying and testing. It is no security hardware.",
        "hsm4-emulator"};
    app.set_version_flag("--version", std::string{"hsm4-emulator "} + HSM4_VERSION);
    app.require_subcommand(1);
    app.footer("Exit status: 0 done, 1 refused or failed, 2 wrong usage.");

    hsm4::emulator::RunOptions options;
    CLI::App* run = app.add_subcommand("run", "Serve a module until SIGTERM");
    run->add_option("--state", options.state, "Directory of the module's memory (made if missing)")
        ->required()
        ->type_name("DIR");
    run->add_option("--unix", options.unix_path, "Socket on which hosts reach the module")
        ->type_name("PATH");
    run->add_option("--usbredir", options.usbredir,
                    "Socket on which QEMU finds a USB-to-I2C adapter with the module")
        ->type_name("PATH");
    run->add_option("--address", options.address, "The module's on that I2C bus")
        ->default_str("0x30")
        ->check(CLI::Range(0x30, 0x37) | CLI::Range(0x60, 0x67))
        ->type_name("0x30-0x37,0x60-0x67");
    run->add_option("--control", options.control, "Socket for `inject`")->type_name("PATH");

    std::string control;
    std::vector<std::string> event;
    CLI::App* inject = app.add_subcommand("inject", "Make something happen to a running module");
    inject->add_option("--control", control, "The running emulator's control socket")
        ->required()
        ->type_name("PATH");
    inject
        ->add_option(
            "EVENT", event,
            "stats | led | power-cycle | unplug | plug | tamper CHANNEL | clock +SECONDS | fault "
            "drop|corrupt|nak|delay|wtx [COUNT] | fault none")
        ->required();

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    if (run->parsed() && options.unix_path.empty() && options.usbredir.empty()) {
        std::fputs("hsm4-emulator: give the module a way in: --unix=PATH or --usbredir=PATH\n",
                   stderr);
        return exit_usage;
    }
    if (run->parsed()) return hsm4::emulator::run(options);
    return hsm4::emulator::inject(control, event);
}
