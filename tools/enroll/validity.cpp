// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Asking the module about tokens.
#include "tools/enroll/validity.hpp"

#include "hsm4/unlock_token.hpp"

namespace hsm4::enroll {

namespace {

Result<SecretBytes> unlock(const Volume& volume, const Token& token, Module& module) {
    auto binding = binding_of(volume, token);
    if (!binding) return binding.error();
    return unlock_token(module, token, *binding, std::nullopt);
}

bool opens_slot(const Volume& volume, const Token& token, const SecretBytes& key) {
    return static_cast<bool>(volume.open_by_passphrase(key.view(), token.keyslot));
}

/// The key is dead: revoked, locked by too many wrong PINs, or not the module's at all.
bool is_final(Errc code) {
    return code == Errc::refused || code == Errc::pin_locked || code == Errc::unauthentic;
}

}  // namespace

Done check_knows_host(Module& module) {
    auto byte = module.random(1);
    if (byte || byte.error().code == Errc::no_software) return done();  // a vendor's old software
    return Problem{byte.error()};
}

Outcome<bool> still_opens(const Volume& volume, const SurveyedToken& token, Module& module) {
    const bool may_open =
        token.state == TokenState::usable || token.state == TokenState::key_changed;
    if (!may_open) return false;
    auto key = unlock(volume, *token.token, module);
    if (!key) {
        if (is_final(key.error().code)) return false;
        if (key.error().code == Errc::bad_pin) return token.state == TokenState::usable;
        return Problem{key.error()};
    }
    if (!opens_slot(volume, *token.token, *key)) return false;
    // What is in the way now is cryptsetup's plugin, which a new token would need as well.
    Done opened = volume.open_by_token(token.raw.id);
    if (!opened) return opened.error();
    return true;
}

bool has_anothers_key(const Volume& volume, const SurveyedToken& token, Module& module) {
    auto key = unlock(volume, *token.token, module);
    if (key) return !opens_slot(volume, *token.token, *key);
    return !has_our_kdf(volume, *token.token);
}

}  // namespace hsm4::enroll
