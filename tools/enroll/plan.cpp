// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Saying what would be done.
#include "tools/enroll/plan.hpp"

#include "tools/enroll/add_recovery.hpp"
#include "tools/enroll/escrow.hpp"
#include "tools/enroll/leftovers.hpp"
#include "tools/enroll/places.hpp"
#include "tools/enroll/wipe.hpp"

namespace hsm4::enroll {

namespace {

using Steps = std::vector<std::string>;

std::string slot_text(int slot) { return "key slot " + std::to_string(slot); }

Done plan_token(const Volume& volume, const Config& config, const Options& options, Steps& steps,
                std::set<int>& kept) {
    auto work = token_work(volume, config, options);
    if (!work) return work.error();
    if (work->kept) {
        kept.insert(*work->kept);
        steps.push_back("keep the token, which opens the volume");
        return done();
    }
    auto places = free_places(volume);
    if (!places) return places.error();
    steps.push_back("draw a key, let the module lock it, unlock it again and compare");
    steps.push_back("pin the volume's binding in hsm4.conf");
    steps.push_back("write " + slot_text(places->keyslot) + " and token " +
                    std::to_string(places->token) + (work->with_pin ? ", with a PIN" : "") +
                    ", and open the volume through it");
    for (const SurveyedToken& old : work->replaced) {
        const std::string token = "token " + std::to_string(old.raw.id);
        if (!has_our_kdf(volume, *old.token)) {
            steps.push_back("remove the old " + token + ", and leave " +
                            slot_text(old.token->keyslot) + " the key that somebody gave it");
            continue;
        }
        kept.insert(old.token->keyslot);  // gone before anything is wiped
        steps.push_back("remove the old " + slot_text(old.token->keyslot) + " and " + token);
    }
    return done();
}

Done plan_recovery(const Volume& volume, const Options& options, Steps& steps) {
    if (Done ready = check_escrow(volume, options); !ready) return ready;
    if (Outcome<Places> places = free_places(volume); !places) return places.error();
    steps.push_back("write a key slot for a new recovery key");
    if (!options.escrow_certificates.empty())
        steps.push_back("write its escrow to " + escrow_path(options.escrow_to, volume.uuid()));
    if (options.recovery_key) steps.push_back("show the recovery key");
    return done();
}

Done plan_wipe(const Volume& volume, const Options& options, const std::set<int>& kept,
               Steps& steps) {
    auto slots = choose_slots(volume, options.wipe, kept);
    if (!slots) return slots.error();
    for (const int slot : *slots) steps.push_back("wipe " + slot_text(slot));
    return done();
}

}  // namespace

Outcome<std::vector<std::string>> plan(const Volume& volume, const Config& config,
                                       const Options& options) {
    Steps steps;
    std::set<int> kept;
    if (has_leftovers(volume)) steps.push_back("remove what an interrupted run left behind");
    if (!options.header_backup.empty())
        steps.push_back("save the header to " + escrow_path(options.header_backup, volume.uuid()));
    if (options.adds_token())
        if (Done planned = plan_token(volume, config, options, steps, kept); !planned)
            return planned.error();
    if (options.adds_recovery())
        if (Done planned = plan_recovery(volume, options, steps); !planned) return planned.error();
    if (Done planned = plan_wipe(volume, options, kept, steps); !planned) return planned.error();
    return steps;
}

}  // namespace hsm4::enroll
