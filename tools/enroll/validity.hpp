// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What only the module can tell of a token: is its key still alive, and the key of its slot?
#pragma once

#include "tools/enroll/survey.hpp"
#include "tools/enroll/user_key.hpp"

namespace hsm4::enroll {

/// Lets the host prove itself: from here on a refusal is about a token. A Problem when the module
/// does not answer, does not know this host, or is shut.
Done check_knows_host(Module& module);

/// Whether `token` opens the volume, or would with its PIN, which is not asked for. A Problem when
/// that cannot be known, because something other than the token is in the way.
Outcome<bool> still_opens(const Volume& volume, const SurveyedToken& token, Module& module);

/// Whether somebody gave the token's slot another key (luksChangeKey), which is theirs to keep. The
/// module's key tells; of a key that it does not give, what the header shows must do.
bool has_anothers_key(const Volume& volume, const SurveyedToken& token, Module& module);

}  // namespace hsm4::enroll
