// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What opens the volume while it is converted: the module, or the recovery key.
#pragma once

#include "tools/rootfs/encryption.hpp"

namespace hsm4::rootfs {

struct Key {
    int keyslot = 0;
    SecretBytes passphrase;
    Opener opener() const { return {keyslot, passphrase.view()}; }
};

/// Through the token in the header `finished`, whose binding is that of the volume at the end, and
/// must be the one that hsm4.conf pins. Waits for the module as hsm4.conf says.
Outcome<Key> key_from_module(const std::string& device, const std::string& finished);

/// `typed` opens a key slot of the header `finished`, or a Problem.
Outcome<Key> key_from_person(const std::string& device, const std::string& finished,
                             SecretBytes typed);

/// The header on `device` itself is the one whose binding hsm4.conf pins: nobody has exchanged it
/// since. To be asked before anything in the volume is trusted.
Done check_real_header(const std::string& device);

/// The module's LED: flashes rapidly until the work is done. Best effort.
void show_on_led(bool busy);

}  // namespace hsm4::rootfs
