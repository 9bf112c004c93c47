// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl attest.
#include "tools/ctl/attest.hpp"

#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

int run_attest(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    auto attestation = (*module)->attest();
    if (!attestation) return complain(attestation.error(), host->uri);

    const ModuleStatus& status = attestation->status;
    Facts facts;
    facts.add("device", "Device", to_text(host->uri));
    if (host->config.binding)
        facts.add("module-id", "Module", to_hex(host->config.binding->module.module_id));
    facts.add("attested", "Attested", true)
        .add("life-cycle", "Life cycle", life_cycle_name(status.life_cycle))
        .add("secure", "Secure", status.secure)
        .add("generation", "Generation", status.generation)
        .add("nonce", "", to_hex(attestation->nonce))
        .add("handshake-hash", "", to_hex(attestation->handshake_hash))
        .add("signature", "", to_base64(attestation->signature));
    if (Status printed = facts.print(options.json); !printed) return complain(printed.error());
    return exit_done;
}

}  // namespace hsm4::ctl
