// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Check of the security module: it must serve this host as it is.
#include "hsm4/config.hpp"
#include "hsm4/describe.hpp"
#include "tools/enroll/user_key.hpp"
#include "tools/rootfs/preflight.hpp"

namespace hsm4::rootfs {

namespace {

void judge_status(Findings& findings, const ModuleStatus& status) {
    if (status.life_cycle != LifeCycle::production)
        findings.warn("module",
                      "the module is in development mode: whoever holds it can bind it anew",
                      "hsm4ctl bind --lock, when all is as it shall be");
}

}  // namespace

void check_module(Preflight& preflight) {
    Findings& findings = preflight.findings;
    auto config = load_config(config_path());
    if (!config) {
        findings.refuse("binding", describe(config.error()), {});
        return;
    }
    if (config->binding && config->binding->data_only) {
        findings.refuse("binding", "the binding measures something on the root file system",
                        "hsm4ctl bind, without files of the root");
        return;
    }
    SystemClock clock;
    auto host = enroll::reach_module(preflight.request.module_uri, *config, clock);
    if (!host) {
        findings.refuse("module", host.error().text, {});
        return;
    }
    auto proof = host->module->attest();
    if (!proof) {
        findings.refuse("binding", describe(proof.error()), "hsm4ctl doctor says more");
        return;
    }
    findings.good("module", host->info.model + ' ' + host->info.id + " serves this host");
    judge_status(findings, proof->status);
}

}  // namespace hsm4::rootfs
