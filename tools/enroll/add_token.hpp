// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Adding a token of this host's module to a volume, or replacing the one that is there.
#pragma once

#include <optional>
#include <vector>

#include "hsm4/config.hpp"
#include "tools/enroll/options.hpp"
#include "tools/enroll/report.hpp"
#include "tools/enroll/secrets.hpp"
#include "tools/enroll/survey.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// What adding a token means for a volume.
struct TokenWork {
    std::optional<int> kept;              ///< key slot that --ensure keeps: nothing to add
    bool with_pin = false;                ///< asked for, or a replaced token has one
    std::vector<SurveyedToken> replaced;  ///< removed once the new one is proven
};

/// Decides it. A Problem when a token is there and neither --rotate nor --ensure was given, when
/// --ensure cannot tell whether a token is valid, and for --change-pin without a PIN.
Outcome<TokenWork> token_work(const Volume& volume, const Config& config, const Options& options);

/// Enrols, then removes what is replaced; one valid way in exists at every instant. Returns the new
/// key slot.
Outcome<int> add_token(Volume& volume, const SecretBytes& volume_key, const TokenWork& work,
                       const Config& config, const Options& options, Secrets& secrets,
                       Report& report);

}  // namespace hsm4::enroll
