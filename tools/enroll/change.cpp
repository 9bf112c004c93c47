// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Changing one volume.
#include "tools/enroll/change.hpp"

#include "tools/enroll/add_recovery.hpp"
#include "tools/enroll/add_token.hpp"
#include "tools/enroll/escrow.hpp"
#include "tools/enroll/header_backup.hpp"
#include "tools/enroll/leftovers.hpp"
#include "tools/enroll/list.hpp"
#include "tools/enroll/pin_counter.hpp"
#include "tools/enroll/pinning.hpp"
#include "tools/enroll/plan.hpp"
#include "tools/enroll/user_key.hpp"
#include "tools/enroll/way_in.hpp"
#include "tools/enroll/wipe.hpp"

namespace hsm4::enroll {

namespace {

Outcome<Config> read_config() {
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    return std::move(*config);
}

Done clear(Volume& volume, const SecretBytes* volume_key, const Options& options, Report& report) {
    const std::string escrow = escrow_path(options.escrow_to, volume.uuid());
    auto cleared = clear_leftovers(volume, volume_key, escrow);
    if (!cleared) return cleared.error();
    if (*cleared > 0) report.say("Removed what an interrupted run had left behind.");
    return done();
}

/// What remains must open the volume: a slot whose key was just used, one just made, or the module.
Done check_what_remains(const Volume& volume, const Config& config, const std::set<int>& slots,
                        const std::set<int>& proven) {
    auto remaining = volume.keyslots();
    std::erase_if(remaining, [&](int slot) { return slots.contains(slot); });
    if (slots.empty() || remaining.empty()) return done();  // wipe() refuses the latter
    for (const int slot : remaining) {
        if (proven.contains(slot) || kind_of_slot(volume, slot) != token_type) return done();
    }
    for (const SurveyedToken& token : survey(volume, config)) {
        if (!token.token || slots.contains(token.token->keyslot)) continue;
        if (token.token->pin || volume.open_by_token(token.raw.id)) return done();
    }
    return Problem{"only slots would remain on " + volume.place().device +
                   " that the module does not open now; see --test"};
}

std::vector<PinCounter> counters_of(const Volume& volume, const Config& config,
                                    const std::set<int>& slots) {
    auto tokens = survey(volume, config);
    std::erase_if(tokens, [&](const SurveyedToken& token) {
        return !is_of_this_host(token, config) || !slots.contains(token.token->keyslot);
    });
    return pin_counters(volume, tokens);
}

void forget_counters(const std::vector<PinCounter>& counters, const Config& config,
                     const Options& options, Report& report) {
    if (counters.empty()) return;
    SystemClock clock;
    auto host = reach_module(options.module_uri, config, clock);
    if (host && forget(*host->module, counters)) return;
    report.warn("the module still counts tries for a PIN that is gone; see `hsm4ctl pin list`");
}

Done wipe_slots(Volume& volume, const Config& config, const Options& options,
                const std::set<int>& fresh, std::set<int> proven, Report& report) {
    if (options.wipe.empty()) return done();
    auto slots = choose_slots(volume, options.wipe, fresh);
    if (!slots) return slots.error();
    if (slots->empty()) report.say("No key slot to wipe on " + volume.place().device + ".");
    proven.insert(fresh.begin(), fresh.end());
    if (Done safe = check_what_remains(volume, config, *slots, proven); !safe) return safe;
    const auto counters = counters_of(volume, config, *slots);
    Pinning pinning{config_path(), config, volume};
    if (Done wiped = wipe(volume, *slots, report); !wiped) return wiped;
    forget_counters(counters, config, options, report);
    return pinning.was_pinned() ? pinning.settle(volume) : done();
}

/// Adds what was asked for. `fresh` gets the new slots.
Done add(Volume& volume, const SecretBytes& volume_key, const TokenWork& work, const Config& config,
         const Options& options, Secrets& secrets, Report& report, std::set<int>& fresh) {
    if (options.adds_token() && !work.kept) {
        auto slot = add_token(volume, volume_key, work, config, options, secrets, report);
        if (!slot) return slot.error();
        fresh.insert(*slot);
    }
    if (options.adds_recovery()) {
        auto slot = add_recovery(volume, volume_key, options, report);
        if (!slot) return slot.error();
        fresh.insert(*slot);
    }
    return done();
}

Done change_opened(Volume& volume, const Volume::Opened& opened, const Options& options,
                   Secrets& secrets, Report& report) {
    if (Done cleared = clear(volume, &opened.volume_key, options, report); !cleared) return cleared;
    auto config = read_config();
    if (!config) return config.error();
    TokenWork work;
    if (options.adds_token()) {
        auto decided = token_work(volume, *config, options);
        if (!decided) return decided.error();
        work = std::move(*decided);
    }
    if (Done ready = check_escrow(volume, options); !ready) return ready;
    if (Done saved = back_up(volume, options, report); !saved) return saved;
    std::set<int> fresh;  // never wiped in the same run
    if (work.kept) fresh.insert(*work.kept);
    if (Done added = add(volume, opened.volume_key, work, *config, options, secrets, report, fresh);
        !added)
        return added;
    // The settled pins.
    config = read_config();
    if (!config) return config.error();
    return wipe_slots(volume, *config, options, fresh, {opened.keyslot}, report);
}

/// Wiping alone needs no key, as in systemd-cryptenroll.
Done change_unopened(Volume& volume, const Options& options, Report& report) {
    auto config = read_config();
    if (!config) return config.error();
    if (Done cleared = clear(volume, nullptr, options, report); !cleared) return cleared;
    if (Done saved = back_up(volume, options, report); !saved) return saved;
    return wipe_slots(volume, *config, options, {}, {}, report);
}

/// What can be told without a question, so that nobody types a passphrase in vain. True when
/// nothing is left to do.
Outcome<bool> decide_early(const Volume& volume, const Options& options, Report& report) {
    auto config = read_config();
    if (!config) return config.error();
    if (!options.adds_token() || has_leftovers(volume)) return false;
    auto work = token_work(volume, *config, options);
    if (!work) return work.error();
    if (!work->kept) {
        Done bound = check_bound(options.module_uri, *config);
        return bound ? Outcome<bool>{false} : Outcome<bool>{bound.error()};
    }
    report.set("result", "kept");
    report.say(volume.place().device + " has a valid token already; nothing to do.");
    return !options.adds_recovery() && options.wipe.empty() && options.header_backup.empty();
}

Done say_plan(const Volume& volume, const Options& options, Report& report) {
    auto config = read_config();
    if (!config) return config.error();
    auto steps = plan(volume, *config, options);
    if (!steps) return steps.error();
    report.say_plan(*steps);
    return done();
}

Done change_held(const Place& place, const Options& options, Secrets& secrets, Report& report) {
    // Read again, now that no other run of this tool changes it.
    auto volume = Volume::open(place);
    if (!volume) return volume.error();
    report.set("result", "changed");
    if (!options.adds_token() && !options.adds_recovery())
        return change_unopened(*volume, options, report);
    auto config = read_config();
    if (!config) return config.error();
    report.progress("Opening " + place.device);
    auto opened = open_way_in(*volume, *config, options, secrets);
    if (!opened) return opened.error();
    return change_opened(*volume, *opened, options, secrets, report);
}

}  // namespace

Done change(const Place& place, const Options& options, Secrets& secrets, Report& report) {
    auto looked = Volume::open(place);
    if (!looked) return looked.error();
    report.set("uuid", looked->uuid());
    if (options.dry_run) return say_plan(*looked, options, report);
    auto nothing_to_do = decide_early(*looked, options, report);
    if (!nothing_to_do) return nothing_to_do.error();
    if (*nothing_to_do) return done();
    auto held = hold(place);
    if (!held) return held.error();
    return change_held(place, options, secrets, report);
}

}  // namespace hsm4::enroll
