// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What an interrupted run left behind: known by our mark alone, so that nothing of anybody else's
// is touched.
#pragma once

#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// Tokens that are marked, and tokens of ours that lost their key slot.
bool has_leftovers(const Volume& volume);

/// Removes them, and the key slots that the marks prove to be ours (the sealed passphrase opens
/// them). `volume_key` null: what needs no proof. `escrow`: a file that goes too when a mark names
/// it. Returns how many tokens and slots went.
Outcome<int> clear_leftovers(Volume& volume, const SecretBytes* volume_key,
                             const std::string& escrow = {});

/// Removes a key slot, then the token. In this order an interruption leaves a token without slot,
/// which is recognised; the other order would leave a slot that still opens the volume.
Done remove_keyslot(Volume& volume, int keyslot);
Done remove_token(Volume& volume, int token);
/// Marks a token that is not of our type, so that it is recognised when its slot is gone.
Done mark_removal(Volume& volume, const RawToken& token);

}  // namespace hsm4::enroll
