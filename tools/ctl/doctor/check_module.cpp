// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Does the module answer, and is it in a state that serves?
#include "hsm4/connect/connect.hpp"
#include "hsm4/describe.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/host.hpp"

namespace hsm4::ctl::doctor {

namespace {

constexpr std::uint32_t last_proof_before_shutting = 2;

struct Trouble {
    bool (*holds)(const ModuleStatus& status);
    Severity severity;
    const char* what;
    const char* why;
    const char* command;
};

constexpr Trouble troubles[] = {
    {[](const ModuleStatus& status) { return status.destroyed; }, Severity::failure,
     "the module has destroyed its keys", "no volume can be unlocked by it any more",
     "hsm4ctl bind (with another module), then hsm4-enroll each volume"},
    {[](const ModuleStatus& status) { return status.tampered; }, Severity::warning,
     "the module's perimeter was opened", "somebody may have been at the device",
     "hsm4ctl events list"},
    {[](const ModuleStatus& status) { return status.compromised; }, Severity::failure,
     "the module is shut after three wrong proofs", "it refuses every service until it loses power",
     "power-cycle the module, then hsm4ctl status"},
    {[](const ModuleStatus& status) { return status.life_cycle == LifeCycle::unbound; },
     Severity::failure, "the module is not bound", "it serves nobody", "hsm4ctl bind"},
    {[](const ModuleStatus& status) { return status.wrong_proofs >= last_proof_before_shutting; },
     Severity::failure, "the module has counted wrong proofs, and one more shuts it",
     "an identity that changed would be the reason; so no proof was tried", "hsm4ctl bind"},
    {[](const ModuleStatus& status) { return status.wrong_proofs > 0; }, Severity::warning,
     "the module has counted a wrong proof", "another host has asked it, or this one has changed",
     "hsm4ctl attest"},
    {[](const ModuleStatus& status) { return status.life_cycle == LifeCycle::development; },
     Severity::note, "the module is in development", "whoever holds it can re-bind it",
     "hsm4ctl bind --lock"},
};

}  // namespace

void check_module(Checkup& checkup) {
    if (!checkup.config || !checkup.uri) return;
    if (checkup.is_vendors()) {
        check_vendor_module(checkup);
        return;
    }
    SystemClock clock;
    auto module = connect(*checkup.uri, *checkup.config, Proof::not_needed, clock, call_budget);
    auto status = module ? (*module)->status() : Result<ModuleStatus>{module.error()};
    if (!status) {
        checkup.add(Severity::failure, "module", describe(status.error()),
                    "without the module nothing unlocks", "hsm4ctl status");
        return;
    }
    checkup.module_answers = true;
    for (const Trouble& trouble : troubles) {
        if (!trouble.holds(*status)) continue;
        checkup.add(trouble.severity, "module", trouble.what, trouble.why, trouble.command);
        if (trouble.severity != Severity::failure) continue;
        checkup.module_answers = false;
        return;
    }
    checkup.good("module", "answers, " + std::string{life_cycle_name(status->life_cycle)});
}

}  // namespace hsm4::ctl::doctor
