// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What opens a volume that is made by us: the module's token, and a recovery key.
#pragma once

#include <string>
#include <vector>

#include "hsm4/secret.hpp"
#include "tools/enroll/volume.hpp"
#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

struct Escrow {
    std::vector<std::string> certificates;
    std::string file;  ///< %u is the volume's UUID
};

struct WaysIn {
    std::string module_uri;  ///< empty: hsm4.conf's
    Escrow escrow;
    bool shows_recovery_key = false;  ///< on standard output
    bool quiet = false;               ///< nothing goes to standard output
};

/// Adds the token of the module, and a recovery key that is shown, or encrypted for the
/// certificates' holders, or both; each of the two ways is tried. Pins the volume in hsm4.conf.
/// `key` is the volume key.
Done add_ways_in(enroll::Volume& volume, const SecretBytes& key, const WaysIn& ways);

}  // namespace hsm4::rootfs
