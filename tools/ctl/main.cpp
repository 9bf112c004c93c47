// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl: look at a module, bind it, use its services.
#include <CLI/CLI.hpp>

#include <array>

#include "hsm4/wire/protocol.hpp"
#include "tools/ctl/attest.hpp"
#include "tools/ctl/bind.hpp"
#include "tools/ctl/doctor/doctor.hpp"
#include "tools/ctl/events.hpp"
#include "tools/ctl/info.hpp"
#include "tools/ctl/led.hpp"
#include "tools/ctl/pin.hpp"
#include "tools/ctl/policy.hpp"
#include "tools/ctl/random.hpp"
#include "tools/ctl/revoke.hpp"
#include "tools/ctl/status.hpp"
#include "tools/ctl/volume.hpp"

namespace {

using hsm4::ctl::Options;

constexpr std::size_t most_random_bytes = 65536;

void declare_nothing(CLI::App& /*verb*/, Options& /*options*/) {}

void declare_consent(CLI::App& verb, Options& options) {
    verb.add_flag("--yes-i-have-a-recovery-key", options.have_recovery_key,
                  "Do not ask before what cannot be undone");
}

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
    verb.add_flag(
        "--lock", options.lock,
        "Then go into production, for good; with no other option, lock the present binding");
    verb.add_option("--keep-slot", options.keep_slots,
                    "Let the host of this slot stay bound, too, when locking")
        ->check(CLI::Range(0, hsm4::wire::slot_count - 1))
        ->type_name("N");
    declare_consent(verb, options);
}

void declare_led(CLI::App& verb, Options& options) {
    verb.add_option("MODE", options.action, "on, off, flash, or auto: the module's state")
        ->required()
        ->check(CLI::IsMember({"on", "off", "flash", "auto"}));
    const CLI::Range milliseconds{1, 65535};
    verb.add_option("--on", options.on_ms, "Length of a flash (ms; default 100)")
        ->check(milliseconds)
        ->type_name("MS");
    verb.add_option("--off", options.off_ms, "Pause between flashes (ms; default 100)")
        ->check(milliseconds)
        ->type_name("MS");
    verb.add_option("--count", options.flashes, "Number of flashes (default: without end)")
        ->check(CLI::Range(0, 65535))
        ->type_name("N");
}

void declare_events(CLI::App& verb, Options& options) {
    verb.add_option("ACTION", options.action,
                    "list (default), clear: forget and arm again, wait: for one to happen")
        ->check(CLI::IsMember({"list", "clear", "wait"}));
    verb.add_option("--timeout", options.timeout_s, "Wait no longer (s; default: without end)")
        ->check(CLI::Range(0, 31536000))
        ->type_name("S");
}

void declare_policy(CLI::App& verb, Options& options) {
    for (std::size_t at = 0; at < options.channel_actions.size(); ++at)
        verb.add_option("--channel-" + std::to_string(at), options.channel_actions[at],
                        "What an event on this perimeter channel does: none, notify, self-destruct")
            ->check(CLI::IsMember({"none", "notify", "self-destruct"}))
            ->type_name("ACTION");
    verb.add_option("--attest-interval", options.attest_interval_s,
                    "Shut the services when the host has not attested for so long (s; 0: never)")
        ->type_name("S");
    verb.add_option("--pin-tries", options.pin_tries, "Wrong PINs in a row until a key is locked")
        ->check(CLI::Range(1, int{hsm4::wire::most_pin_tries}))
        ->type_name("N");
    declare_consent(verb, options);
}

void declare_pin(CLI::App& verb, Options& options) {
    verb.add_option("ACTION", options.action, "list (default), or forget")
        ->check(CLI::IsMember({"list", "forget"}));
    verb.add_option("ID", options.pin_id, "Which key to forget; it never unlocks again");
}

void declare_revoke(CLI::App& verb, Options& options) {
    verb.add_option("DEVICE", options.volumes,
                    "Volumes or detached headers to look at, beside the pinned volumes");
    verb.add_flag("--give-up", options.give_up,
                  "Revoke although a volume has not been rotated, or was not found");
    verb.add_flag("--dry-run", options.dry_run, "Only say what would become of each volume");
}

void declare_random(CLI::App& verb, Options& options) {
    verb.add_option("--bytes", options.bytes, "How many (1 to 65536; default 32)")
        ->check(CLI::Range(std::size_t{1}, most_random_bytes))
        ->type_name("N");
    verb.add_flag("--hex", options.hex, "As hexadecimal digits, which a terminal gets anyway");
}

void declare_volume(CLI::App& verb, Options& options) {
    verb.add_option("DEVICE", options.volume, "A LUKS2 volume: block device or image file")
        ->required();
    verb.add_option("--header", options.header, "Its detached header")->type_name("FILE");
    verb.add_flag("--words", options.words, "For scripts: token, pin, forbidden, as they apply");
}

void declare_doctor(CLI::App& verb, Options& options) {
    verb.add_option("DEVICE", options.devices,
                    "Volumes that boot must open, instead of the root file system's");
    verb.add_option("--root", options.root, "Examine the system that is mounted there")
        ->type_name("DIR");
    verb.add_flag("--verbose", options.verbose, "Say also what is as it should be");
    verb.add_flag("--self-test", options.self_test,
                  "Only let the module lock and unlock 32 random bytes, which is harmless");
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
    Verb{"led", "What the module's light shows", declare_led, hsm4::ctl::run_led},
    Verb{"events", "The module's log", declare_events, hsm4::ctl::run_events},
    Verb{"policy", "What the module does by itself", declare_policy, hsm4::ctl::run_policy},
    Verb{"pin", "The try counters of keys with PIN", declare_pin, hsm4::ctl::run_pin},
    Verb{"revoke", "Make every locked key that was not rotated worthless", declare_revoke,
         hsm4::ctl::run_revoke},
    Verb{"volume", "Whether hsm4.conf lets a volume be opened", declare_volume,
         hsm4::ctl::run_volume},
    Verb{"doctor", "Will the next boot unlock by itself?", declare_doctor, hsm4::ctl::run_doctor},
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
