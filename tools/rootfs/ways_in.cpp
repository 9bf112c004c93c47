// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// hsm4-enroll's own steps.
#include "tools/rootfs/ways_in.hpp"

#include "hsm4/config.hpp"
#include "tools/enroll/add_recovery.hpp"
#include "tools/enroll/add_token.hpp"

namespace hsm4::rootfs {

Done add_ways_in(enroll::Volume& volume, const SecretBytes& key, const WaysIn& ways) {
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    enroll::Options options;
    options.module_uri = ways.module_uri;
    options.recovery_key = ways.shows_recovery_key;
    options.escrow_certificates = ways.escrow.certificates;
    options.escrow_to = ways.escrow.file;
    enroll::Secrets secrets{options};
    enroll::Report report{ways.quiet, volume.place().device};
    auto token = enroll::add_token(volume, key, {}, *config, options, secrets, report);
    if (!token) return token.error();
    auto recovery = enroll::add_recovery(volume, key, options, report);
    return recovery ? done() : Done{recovery.error()};
}

}  // namespace hsm4::rootfs
