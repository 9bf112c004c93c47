// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Is this host bound, measurable at boot, and accepted by the module?
#include "hsm4/connect/connect.hpp"
#include "hsm4/describe.hpp"
#include "tools/ctl/components.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/host.hpp"

namespace hsm4::ctl::doctor {

namespace {

/// Each component by its name: one that is missing must be found among several.
bool check_components(Checkup& checkup, const BindingConfig& binding) {
    bool measurable = true;
    for (const Component& component : binding.components) {
        if (measure(component)) continue;
        measurable = false;
        checkup.add(Severity::failure, "identity", to_text(component) + " cannot be read",
                    "without it no proof is made", "hsm4ctl bind");
    }
    if (binding.components.empty())
        checkup.add(Severity::warning, "identity", "nothing of this machine is measured",
                    "the module cannot tell it from another one with a copy of hsm4.conf",
                    "hsm4ctl bind");
    for (const Component& component : late_components(binding.components))
        checkup.add(Severity::failure, "identity",
                    to_text(component) + " lies on the root file system",
                    "it cannot be measured before the root is unlocked", "hsm4ctl bind");
    return measurable;
}

}  // namespace

void check_binding(Checkup& checkup) {
    if (!checkup.config || !checkup.uri || checkup.uri->backend() != std::string_view{"open"})
        return;
    if (!checkup.config->binding) {
        checkup.add(Severity::failure, "binding", "this host is not bound to a module",
                    "the module serves the host that it is bound to", "hsm4ctl bind");
        return;
    }
    const bool measurable = check_components(checkup, *checkup.config->binding);
    if (!measurable || !checkup.module_answers) return;
    SystemClock clock;
    auto module = connect(*checkup.uri, *checkup.config, Proof::needed, clock, call_budget);
    auto proof = module ? (*module)->attest() : Result<Attestation>{module.error()};
    if (!proof) {
        checkup.add(Severity::failure, "binding", describe(proof.error()),
                    "the module does not serve this host as it is now", "hsm4ctl bind");
        return;
    }
    checkup.binding_proven = true;
    checkup.good("binding", "host and module accept each other");
}

}  // namespace hsm4::ctl::doctor
