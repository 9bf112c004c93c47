// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The user key: drawn here, locked by the module, and unlocked again before anything depends on it.
#pragma once

#include <memory>
#include <optional>

#include "hsm4/clock.hpp"
#include "hsm4/config.hpp"
#include "hsm4/module.hpp"
#include "hsm4/token.hpp"
#include "hsm4/volume_binding.hpp"
#include "tools/enroll/problem.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// The module that this host is bound to, and how tokens and volume bindings name it.
struct BoundHost {
    std::unique_ptr<Module> module;
    ModuleInfo info;
    BoundModule id;
};

/// A Problem when this host is not bound, which can be said before anybody types a passphrase.
Done check_bound(const std::string& uri, const Config& config);

/// Waits for the module as hsm4.conf says, and asks what it is.
Outcome<BoundHost> reach_module(const std::string& uri, const Config& config, Clock& clock);

/// A LUKS passphrase that only the module gives back, and the token that says so.
struct LockedKey {
    SecretBytes passphrase;
    Token token;
    VolumeBinding binding{};
};

/// Draws 64 bytes from module and kernel, locks them for `keyslot` (still free) of `volume`,
/// unlocks them again and compares. `ahead`: for the generation after the next revocation, which
/// works before it as well.
Outcome<LockedKey> make_user_key(BoundHost& host, const Volume& volume, int keyslot,
                                 std::optional<View> pin = {}, bool ahead = false);

}  // namespace hsm4::enroll
