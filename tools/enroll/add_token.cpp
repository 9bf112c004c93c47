// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Enrolling: everything that can fail without a write comes before the first write.
#include "tools/enroll/add_token.hpp"

#include <cstdio>

#include "hsm4/pins.hpp"
#include "tools/enroll/new_way.hpp"
#include "tools/enroll/pinning.hpp"
#include "tools/enroll/user_key.hpp"

namespace hsm4::enroll {

namespace {

Outcome<int> choose_keyslot(const Volume& volume) {
    if (const auto slot = volume.free_keyslot()) return *slot;
    return Problem{"all key slots of " + volume.place().device +
                   " are in use; remove one first (cryptsetup luksKillSlot)"};
}

Outcome<int> choose_token(const Volume& volume) {
    if (const auto token = volume.free_token()) return *token;
    return Problem{"all tokens of " + volume.place().device +
                   " are in use; remove one first (cryptsetup token remove)"};
}

void warn_of_development(Module& module) {
    auto status = module.status();
    if (!status || status->life_cycle == LifeCycle::production) return;
    std::fputs(
        "hsm4-enroll: the module is in development mode: whoever holds it can bind it anew; "
        "`hsm4ctl bind --lock` ends that\n",
        stderr);
}

}  // namespace

Done refuse_second_token(const Volume& volume, const Config& config) {
    for (const RawToken& raw : volume.tokens()) {
        const auto token = our_token(raw);
        if (!token || token->keyslot == no_key_slot || !check_module_pin(config, *token)) continue;
        return Problem{
            volume.place().device + " has a token of this module already (token " +
            std::to_string(raw.id) + ", key slot " + std::to_string(token->keyslot) +
            "); to enrol anew, remove both first (cryptsetup luksKillSlot, token remove)"};
    }
    return done();
}

Done add_token(Volume& volume, const Volume::Opened& opened, const Options& options) {
    const std::string path = config_path();
    auto config = load_config(path);
    if (!config) return Problem{config.error()};
    auto keyslot = choose_keyslot(volume);
    if (!keyslot) return keyslot.error();
    auto token = choose_token(volume);
    if (!token) return token.error();
    SystemClock clock;
    auto host = reach_module(options.module_uri, *config, clock);
    if (!host) return host.error();
    auto key = make_user_key(*host, volume, *keyslot);
    if (!key) return key.error();
    auto json = token_json(key->token);
    if (!json) return Problem{json.error()};

    Pinning pinning{path, *config, volume};
    if (Done pinned = pinning.admit(key->binding); !pinned) return pinned;
    NewWay way{*keyslot, *token, std::move(key->passphrase), *json, &pbkdf_for_random_keys(), {},
               {},       {}};
    way.prove = [&](Volume& changed) { return changed.open_by_token(*token); };
    way.before_it_counts = [&](Volume& changed) { return pinning.settle(changed); };
    if (Done added = add_way(volume, opened.volume_key, way); !added) {
        Done restored = pinning.restore();
        if (restored) return added;
        return Problem{added.error().text + "; " + restored.error().text};
    }
    std::printf("New hsm4 token enrolled as key slot %d of %s.\n", *keyslot,
                volume.place().device.c_str());
    warn_of_development(*host->module);
    return done();
}

}  // namespace hsm4::enroll
