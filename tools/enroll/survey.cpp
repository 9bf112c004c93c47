// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Judging tokens.
#include "tools/enroll/survey.hpp"

#include <libcryptsetup.h>

#include <cstring>

#include "hsm4/json.hpp"
#include "hsm4/open/unlock.hpp"
#include "hsm4/pins.hpp"
#include "tools/enroll/mark.hpp"
#include "tools/enroll/new_way.hpp"

namespace hsm4::enroll {

namespace {

/// The hash of a slot's anti-forensic splitter, which libcryptsetup tells in JSON only.
std::string splitter_hash(const Volume& volume, int keyslot) {
    const char* text = nullptr;
    if (crypt_dump_json(volume.context(), &text, 0) < 0 || text == nullptr) return {};
    const json::Owner header = json::parse(text);
    json_object* slots = json::member(header.get(), "keyslots");
    json_object* slot = json::member(slots, std::to_string(keyslot).c_str());
    auto hash = json::text(json::member(json::member(slot, "af"), "hash"), Error{Errc::io, ""});
    return hash ? std::string{*hash} : std::string{};
}

/// The module's signature covers the binding, so no module is needed to see that it fits.
bool is_bound_to(const Volume& volume, const Token& token, const Config& config) {
    auto binding = binding_of(volume, token);
    if (!binding || !check_volume_pin(config, volume.uuid(), *binding)) return false;
    if (!token.keys) return true;
    return static_cast<bool>(
        open::check_locked_key(token.keys->verify_key, token.locked_key, *binding));
}

TokenState judge(const Volume& volume, const RawToken& raw, const std::optional<Token>& token,
                 const Config& config) {
    if (raw.type == pending_token_type || is_marked(raw.json)) return TokenState::interrupted;
    if (!token) return TokenState::damaged;
    if (token->keyslot == no_key_slot) return TokenState::no_key_slot;
    if (!check_module_pin(config, *token)) return TokenState::other_module;
    if (!is_bound_to(volume, *token, config)) return TokenState::volume_changed;
    if (!has_our_kdf(volume, *token)) return TokenState::key_changed;
    return TokenState::usable;
}

}  // namespace

std::vector<SurveyedToken> survey(const Volume& volume, const Config& config) {
    std::vector<SurveyedToken> found;
    for (RawToken& raw : volume.tokens()) {
        if (raw.type != token_type && raw.type != pending_token_type && !is_marked(raw.json))
            continue;
        auto token = our_token(raw);
        const TokenState state = judge(volume, raw, token, config);
        found.push_back({std::move(raw), std::move(token), state});
    }
    return found;
}

bool has_our_kdf(const Volume& volume, const Token& token) {
    if (token.format == LockedFormat::raw) return true;  // the vendor's slot
    crypt_pbkdf_type found = {};
    if (crypt_keyslot_get_pbkdf(volume.context(), token.keyslot, &found) < 0) return false;
    const crypt_pbkdf_type ours = token.pin ? pbkdf_for_pins() : pbkdf_for_random_keys();
    return std::strcmp(found.type, ours.type) == 0 &&
           splitter_hash(volume, token.keyslot) == ours.hash &&
           (token.pin || found.iterations == ours.iterations);
}

std::optional<Token> our_token(const RawToken& token) {
    if (token.type != token_type) return std::nullopt;
    auto parsed = parse_token(token.json, token_type, KeySlots::at_most_one);
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
}

Result<VolumeBinding> binding_of(const Volume& volume, const Token& token) {
    auto module = bound_module(token);
    if (!module) return module.error();
    return volume_binding(volume.context(), token.keyslot, *module, SlotState::present);
}

bool is_of_this_host(const SurveyedToken& token, const Config& config) {
    return token.token && token.token->keyslot != no_key_slot &&
           check_module_pin(config, *token.token);
}

const char* word_for(TokenState state) {
    switch (state) {
        case TokenState::usable: return "usable";
        case TokenState::interrupted: return "interrupted";
        case TokenState::no_key_slot: return "no-key-slot";
        case TokenState::damaged: return "damaged";
        case TokenState::other_module: return "other-module";
        case TokenState::volume_changed: return "volume-changed";
        case TokenState::key_changed: return "key-changed";
    }
    return "unknown";
}

std::string remedy_for(TokenState state) {
    switch (state) {
        case TokenState::usable: return {};
        case TokenState::interrupted: return "left by an interrupted run; run hsm4-enroll again";
        case TokenState::no_key_slot: return "its key slot was removed; run hsm4-enroll --rotate";
        case TokenState::damaged: return "damaged; --wipe-slot removes it with its key slot";
        case TokenState::other_module:
            return "not of the module that this host is bound to; --wipe-slot removes it";
        case TokenState::volume_changed:
            return "the volume was changed since (reencrypt, luksUUID); run hsm4-enroll --rotate";
        case TokenState::key_changed:
            return "the key of its slot was changed; run hsm4-enroll --rotate";
    }
    return {};
}

}  // namespace hsm4::enroll
