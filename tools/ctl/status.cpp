// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl status.
#include "tools/ctl/status.hpp"

#include "hsm4/wire/protocol.hpp"
#include "tools/ctl/host.hpp"
#include "tools/ctl/vendor_status.hpp"

namespace hsm4::ctl {

namespace {

/// The worst that holds, in a word.
const char* condition(const ModuleStatus& status) {
    if (status.destroyed) return "destroyed";
    if (status.tampered) return "tampered";
    if (status.compromised) return "compromised";
    return status.secure ? "secure" : "not proven since power-on";
}

std::vector<std::uint32_t> bound_slots(const ModuleStatus& status) {
    std::vector<std::uint32_t> bound;
    for (std::uint32_t slot = 0; slot < wire::slot_count; ++slot)
        if ((status.bound_slots >> slot & 1U) != 0) bound.push_back(slot);
    return bound;
}

struct Words {
    const char* for_programs;
    const char* for_people;
};

Words words_for(Acquaintance acquaintance) {
    switch (acquaintance) {
        case Acquaintance::mine: return {"bound", "bound to this module"};
        case Acquaintance::other: return {"other-module", "bound to another module"};
        case Acquaintance::nobody: break;
    }
    return {"unbound", "not bound"};
}

std::string advice(const ModuleStatus& status, Acquaintance acquaintance) {
    if (status.destroyed)
        return "the keys are gone for good: use the recovery key, bind another module";
    if (status.tampered)
        return "the perimeter was opened: inspect the device, then `hsm4ctl events clear`";
    if (status.compromised)
        return "too many wrong proofs: power-cycle the module" +
               (status.delay_s > 0 ? ", then wait " + std::to_string(status.delay_s) + " s"
                                   : std::string{});
    if (status.attest_interval_s != 0 && status.attest_left_s == 0)
        return "the host did not attest in time: `hsm4ctl attest` opens the services again";
    if (status.life_cycle == LifeCycle::unbound) return "bind it: `hsm4ctl bind`";
    if (acquaintance == Acquaintance::other)
        return "this host's volumes need the module it is bound to: " +
               std::string{"connect that one, or `hsm4ctl bind` and enrol again"};
    if (status.life_cycle == LifeCycle::development)
        return "development: whoever holds the module can re-bind it; `hsm4ctl bind --lock` ends "
               "that for good";
    return {};
}

void add_attestation(Facts& facts, const ModuleStatus& status) {
    const std::string text = status.attest_interval_s == 0
                                 ? "not demanded"
                                 : "every " + std::to_string(status.attest_interval_s) + " s, " +
                                       std::to_string(status.attest_left_s) + " s left";
    facts.add("attest-interval", "", status.attest_interval_s)
        .add("attest-left", "", status.attest_left_s)
        .add("", "Attestation", text);
}

void add_status(Facts& facts, const ModuleStatus& status) {
    facts.add("life-cycle", "Life cycle", life_cycle_name(status.life_cycle))
        .add("", "State", condition(status))
        .add("secure", "", status.secure)
        .add("compromised", "", status.compromised)
        .add("tampered", "", status.tampered)
        .add("destroyed", "", status.destroyed)
        .add("wrong-proofs", "Wrong proofs", status.wrong_proofs)
        .add("lockouts", "Lock-outs", status.lockouts)
        .add("delay", "Delay (s)", status.delay_s)
        .add("generation", "Generation", status.generation)
        .add("bound-slots", "Bound slots", bound_slots(status));
    add_attestation(facts, status);
    facts.add("events", "Events", std::uint32_t{status.events});
}

void add_open_status(Facts& facts, const ModuleStatus& status, Acquaintance acquaintance) {
    facts.add("host", "", words_for(acquaintance).for_programs)
        .add("", "This host", words_for(acquaintance).for_people);
    add_status(facts, status);
    if (const std::string line = advice(status, acquaintance); !line.empty())
        facts.add("advice", "Advice", line);
}

}  // namespace

int run_status(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::not_needed, clock);
    if (!module) return complain(module.error(), host->uri);
    auto info = (*module)->info();
    if (!info) return complain(info.error(), host->uri);
    auto status = (*module)->status();
    if (!status) return complain(status.error(), host->uri);

    Facts facts;
    facts.add("device", "Device", to_text(host->uri)).add("module-id", "Module", info->id);
    if (info->backend == "zymbit")
        add_vendor_status(facts, *status);
    else
        add_open_status(facts, *status, recognise(host->config, *info));
    if (Status printed = facts.print(options.json); !printed) return complain(printed.error());
    return exit_done;
}

}  // namespace hsm4::ctl
