// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Enrolling: everything that can fail without a write comes before the first write.
#include "tools/enroll/add_token.hpp"

#include "tools/enroll/leftovers.hpp"
#include "tools/enroll/new_way.hpp"
#include "tools/enroll/pin_counter.hpp"
#include "tools/enroll/pinning.hpp"
#include "tools/enroll/places.hpp"
#include "tools/enroll/user_key.hpp"
#include "tools/enroll/validity.hpp"

namespace hsm4::enroll {

namespace {

std::string name_of(const SurveyedToken& token) {
    return "token " + std::to_string(token.raw.id) + ", key slot " +
           std::to_string(token.token->keyslot);
}

/// Tokens of this host's module that this tool made; an imported vendor key stays until it is
/// wiped.
std::vector<SurveyedToken> own_tokens(const Volume& volume, const Config& config) {
    std::vector<SurveyedToken> own;
    for (SurveyedToken& token : survey(volume, config))
        if (is_of_this_host(token, config) && token.state != TokenState::interrupted &&
            token.token->format == LockedFormat::sealed_v1)
            own.push_back(std::move(token));
    return own;
}

Outcome<TokenWork> ensure(const Volume& volume, const Config& config, const Options& options,
                          TokenWork work) {
    SystemClock clock;
    auto host = reach_module(options.module_uri, config, clock);
    if (!host) return host.error();
    if (Done known = check_knows_host(*host->module); !known) return known.error();
    for (const SurveyedToken& token : work.replaced) {
        auto opens = still_opens(volume, token, *host->module);
        if (!opens) return opens.error();
        if (!*opens) continue;
        work.kept = token.token->keyslot;
        break;
    }
    return work;
}

void warn_of_development(BoundHost& host, Report& report) {
    auto status = host.module->status();
    if (!status || status->life_cycle != LifeCycle::development) return;
    if (host.info.backend == "zymbit")
        report.warn(
            "the module is in development mode: it unlocks with another board or card as well; "
            "only the vendor's own software ends that");
    else
        report.warn(
            "the module is in development mode: whoever holds it can bind it anew; `hsm4ctl bind "
            "--lock` ends that");
}

/// The new slot and token, and the pin that goes with them.
Done write(Volume& volume, const SecretBytes& volume_key, LockedKey key, const Places& places,
           std::optional<View> pin, Pinning& pinning) {
    auto json = token_json(key.token);
    if (!json) return Problem{json.error()};
    NewWay way;
    way.keyslot = places.keyslot;
    way.token = places.token;
    way.passphrase = std::move(key.passphrase);
    way.token_json = std::move(*json);
    if (pin) way.pbkdf = pbkdf_for_pins();
    way.prove = [&](Volume& changed) { return changed.open_by_token(places.token, pin); };
    way.before_it_counts = [&](Volume& changed) { return pinning.settle(changed); };
    if (Done pinned = pinning.admit(key.binding); !pinned) return pinned;
    Done added = add_way(volume, volume_key, way);
    if (added) return added;
    Done restored = pinning.restore();
    if (restored) return added;
    return Problem{added.error().text + "; " + restored.error().text};
}

/// The token alone: nobody but its owner removes a key that somebody chose.
Done remove_but_slot(Volume& volume, const SurveyedToken& token, Report& report) {
    if (Done gone = remove_token(volume, token.raw.id); !gone) return gone;
    report.warn("key slot " + std::to_string(token.token->keyslot) + " of " +
                volume.place().device + " stays, with the key that somebody gave it; " +
                "--wipe-slot removes it");
    return done();
}

Done remove_replaced(Volume& volume, const TokenWork& work, Module& module, Report& report) {
    for (const SurveyedToken& token : work.replaced) {
        if (has_anothers_key(volume, token, module)) {
            if (Done gone = remove_but_slot(volume, token, report); !gone) return gone;
            continue;
        }
        if (Done gone = remove_keyslot(volume, token.token->keyslot); !gone) return gone;
        if (Done gone = remove_token(volume, token.raw.id); !gone) return gone;
        report.append("removed-keyslots", json_object_new_int(token.token->keyslot));
        report.say("Removed the old " + name_of(token) + ".");
    }
    return done();
}

}  // namespace

Outcome<TokenWork> token_work(const Volume& volume, const Config& config, const Options& options) {
    TokenWork work;
    work.with_pin = options.with_pin || options.change_pin;
    work.replaced = own_tokens(volume, config);
    bool has_pin = false;
    for (const SurveyedToken& token : work.replaced) has_pin = has_pin || token.token->pin;
    if (options.change_pin && !has_pin)
        return Problem{volume.place().device + " has no token with a PIN; see --with-pin"};
    work.with_pin = work.with_pin || has_pin;
    if (work.replaced.empty() || options.rotate || options.change_pin) return work;
    if (options.ensure) return ensure(volume, config, options, std::move(work));
    return Problem{volume.place().device + " has a token of this module already (" +
                   name_of(work.replaced.front()) + "); --rotate replaces it, --ensure keeps it"};
}

Outcome<int> add_token(Volume& volume, const SecretBytes& volume_key, const TokenWork& work,
                       const Config& config, const Options& options, Secrets& secrets,
                       Report& report) {
    auto places = free_places(volume);
    if (!places) return places.error();
    std::optional<View> pin;
    if (work.with_pin) {
        auto given = secrets.new_pin();
        if (!given) return given.error();
        pin = *given;
    }
    SystemClock clock;
    auto host = reach_module(options.module_uri, config, clock);
    if (!host) return host.error();
    auto key = make_user_key(*host, volume, places->keyslot, pin, options.ahead);
    if (!key) return key.error();
    if (pin) report.progress("Deriving a key from the PIN");
    Pinning pinning{config_path(), config, volume};
    const std::vector<PinCounter> fresh{{key->token.locked_key, key->binding}};
    Done written = write(volume, volume_key, std::move(*key), *places, pin, pinning);
    if (!written) {
        if (pin) forget(*host->module, fresh);
        return written.error();
    }
    report.set("keyslot", places->keyslot);
    report.set("token", places->token);
    report.say("New hsm4 token enrolled as key slot " + std::to_string(places->keyslot) + " of " +
               volume.place().device + ".");
    const auto stale = pin_counters(volume, work.replaced);
    if (Done removed = remove_replaced(volume, work, *host->module, report); !removed)
        return removed.error();
    forget(*host->module, stale);
    if (Done settled = pinning.settle(volume); !settled) return settled.error();
    warn_of_development(*host, report);
    return places->keyslot;
}

}  // namespace hsm4::enroll
