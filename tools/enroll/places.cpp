// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Finding room.
#include "tools/enroll/places.hpp"

namespace hsm4::enroll {

Outcome<Places> free_places(const Volume& volume) {
    const auto keyslot = volume.free_keyslot();
    if (!keyslot)
        return Problem{"all key slots of " + volume.place().device +
                       " are in use; remove one first (--wipe-slot=N)"};
    const auto token = volume.free_token();
    if (!token)
        return Problem{"all tokens of " + volume.place().device +
                       " are in use; remove one first (cryptsetup token remove)"};
    return Places{*keyslot, *token};
}

}  // namespace hsm4::enroll
