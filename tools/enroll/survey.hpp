// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What each token of ours is worth now, as far as header and configuration tell without the
// module.
#pragma once

#include "hsm4/config.hpp"
#include "hsm4/token.hpp"
#include "hsm4/volume_binding.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

enum class TokenState {
    usable,
    interrupted,     ///< marked by a run that did not end
    no_key_slot,     ///< its slot was removed
    damaged,         ///< not readable as a token of ours
    other_module,    ///< of another module than this host's
    volume_changed,  ///< reencrypted, or with another UUID: the binding does not fit any more
    key_changed,     ///< the slot's key was changed (luksChangeKey)
};

struct SurveyedToken {
    RawToken raw;
    std::optional<Token> token;  ///< when readable
    TokenState state = TokenState::damaged;
};

/// The tokens of type hsm4 and those that an interrupted run marked.
std::vector<SurveyedToken> survey(const Volume& volume, const Config& config);

/// The token, when it is readable.
std::optional<Token> our_token(const RawToken& token);
/// Of the volume as it is now, for the slot and module that the token names.
Result<VolumeBinding> binding_of(const Volume& volume, const Token& token);
/// Whether the slot's parameters are those that enrolling wrote. luksChangeKey keeps the token, and
/// leaves cryptsetup's own.
bool has_our_kdf(const Volume& volume, const Token& token);
/// True for a readable token with a key slot that names the module this host is bound to.
bool is_of_this_host(const SurveyedToken& token, const Config& config);

/// One word for programs, and what is wrong and mends it for people (empty when usable).
const char* word_for(TokenState state);
std::string remedy_for(TokenState state);

}  // namespace hsm4::enroll
