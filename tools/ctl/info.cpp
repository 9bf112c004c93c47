// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl info.
#include "tools/ctl/info.hpp"

#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

int run_info(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::not_needed, clock);
    if (!module) return complain(module.error(), host->uri);
    auto info = (*module)->info();
    if (!info) return complain(info.error(), host->uri);

    Facts facts;
    facts.add("device", "Device", to_text(host->uri))
        .add("backend", "Backend", info->backend)
        .add("module-id", "Module", info->id)
        .add("model", "Model", info->model)
        .add("firmware", "Firmware", info->firmware);
    if (info->keys) {
        facts.add("protocol", "Protocol", std::uint32_t{info->protocol_version});
        add_fingerprint(facts, *info->keys);
        facts.add("public-key", "Public key", to_base64(info->keys->public_key))
            .add("verify-key", "Verify key", to_base64(info->keys->verify_key));
    }
    if (Status printed = facts.print(options.json); !printed) return complain(printed.error());
    return exit_done;
}

}  // namespace hsm4::ctl
