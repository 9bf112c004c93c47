// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// --wipe-slot: removing ways into a volume, in systemd-cryptenroll's words.
#pragma once

#include <set>

#include "hsm4/config.hpp"
#include "tools/enroll/report.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// Wrong usage for a word that is none.
Done check_wipe_words(const std::vector<std::string>& words);

/// The key slots that `words` name: all, empty, password, recovery, hsm4, pkcs11, fido2, tpm2 or a
/// number. Never one of `keep`. A Problem for a number that is not in use.
Outcome<std::set<int>> choose_slots(const Volume& volume, const std::vector<std::string>& words,
                                    const std::set<int>& keep);

/// Removes `slots`, and the tokens of known types that are left without any. Refuses, before
/// anything is removed, when no slot would remain. Tokens of unknown types stay, without slots.
Done wipe(Volume& volume, const std::set<int>& slots, Report& report);

}  // namespace hsm4::enroll
