// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From options to actions.
#include "tools/enroll/enroll.hpp"

#include <algorithm>
#include <cstdlib>

#include "tools/enroll/change.hpp"
#include "tools/enroll/import.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/enroll/list.hpp"
#include "tools/enroll/machine.hpp"
#include "tools/enroll/run_safely.hpp"
#include "tools/enroll/test.hpp"
#include "tools/enroll/wipe.hpp"

namespace hsm4::enroll {

namespace {

/// Combinations that the command line's parser does not refuse.
Done check(const Options& options) {
    const auto wrong = [](const char* text) { return Problem{text, exit_usage}; };
    if (options.devices.empty() && !options.all)
        return wrong("name a DEVICE; see hsm4-enroll --help");
    if (options.all && !options.list && !options.test)
        return wrong("--all goes with --list or --test");
    if (options.all && !options.devices.empty()) return wrong("--all takes no DEVICE");
    if (options.escrow_certificates.empty() != options.escrow_to.empty())
        return wrong("--recovery-escrow=CERT and --escrow-to=FILE go together");
    if (options.recovery_key && output_is_logged())
        return Problem{
            "standard output goes to the journal, which must not hold a recovery key; use "
            "--recovery-escrow"};
    const bool many = options.devices.size() > 1;
    if (many && !options.header.empty()) return wrong("--header goes with one DEVICE");
    const auto shared = [many](const std::string& file) {
        return many && !file.empty() && file.find("%u") == file.npos;
    };
    if (shared(options.escrow_to) || shared(options.header_backup))
        return wrong("with several devices the file's name needs %u, each volume's UUID");
    return check_wipe_words(options.wipe);
}

Done act(const Place& place, const Options& options, Secrets& secrets, Report& report) {
    if (!options.import_locked_key.empty()) return import_locked_key(place, options, report);
    if (!options.list && !options.test) return change(place, options, secrets, report);
    auto volume = Volume::open(place);
    if (!volume) return volume.error();
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    if (options.list) return list(*volume, *config, report);
    return test(*volume, *config, secrets, report);
}

}  // namespace

int run(const Options& options) {
    keep_secrets_in_memory();
    remember_interrupts();
    if (Done sensible = check(options); !sensible) {
        Report{options.json, ""}.close(sensible);
        return sensible.error().exit_code;
    }
    // The plugin, through which the token is proven, finds the module by the same name.
    if (!options.module_uri.empty()) ::setenv("HSM4_DEVICE", options.module_uri.c_str(), 1);
    Secrets secrets{options};
    int code = exit_done;
    const auto devices = options.all ? volumes_of_machine() : options.devices;
    if (options.all && devices.empty())
        Report{options.json, ""}.say("No volume of this machine has an hsm4 token.");
    for (const std::string& device : devices) {
        Report report{options.json, device};
        if (options.list && devices.size() > 1) report.say(device + ":");
        Done acted = act({device, options.header}, options, secrets, report);
        report.close(acted);
        if (!acted) code = std::max(code, acted.error().exit_code);
    }
    return code;
}

}  // namespace hsm4::enroll
