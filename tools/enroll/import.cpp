// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Importing a vendor's locked key. The token is one atomic write of the header: a kill at any
// instant leaves a volume with it or without it.
#include "tools/enroll/import.hpp"

#include <libcryptsetup.h>

#include <algorithm>

#include "hsm4/connect/connect.hpp"
#include "hsm4/pins.hpp"
#include "tools/enroll/escrow.hpp"
#include "tools/enroll/header_backup.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/enroll/leftovers.hpp"
#include "tools/enroll/pinning.hpp"
#include "tools/enroll/user_key.hpp"

namespace hsm4::enroll {

namespace {

constexpr std::size_t longest_file = 1280;  // as long as a token may hold

struct VendorKey {
    BoundHost host;
    Bytes locked;
    SecretBytes key;
};

Outcome<VendorKey> unlock_file(const Options& options, const Config& config) {
    auto uri = choose_uri(options.module_uri, config.device, "zymbit");
    if (!uri) return Problem{uri.error()};
    auto content = read_file(options.import_locked_key, longest_file);
    if (!content || content->empty())
        return Problem{options.import_locked_key +
                       " cannot be read, is empty or longer than a locked key"};
    SystemClock clock;
    auto host = reach_module(to_text(*uri), config, clock);
    if (!host) return host.error();
    Bytes locked{content->view().begin(), content->view().end()};
    auto key = host->module->unlock_raw(locked);
    if (!key) return Problem{key.error()};
    return VendorKey{std::move(*host), std::move(locked), std::move(*key)};
}

Token make_token(const VendorKey& vendor, int keyslot) {
    Token token;
    token.keyslot = keyslot;
    token.backend = vendor.host.info.backend;
    token.module_id = vendor.host.info.id;
    token.locked_key = vendor.locked;
    token.format = LockedFormat::raw;
    return token;
}

Done refuse_second_import(const Volume& volume, int keyslot) {
    for (const RawToken& token : volume.tokens())
        if (std::ranges::find(token.keyslots, keyslot) != token.keyslots.end())
            return Problem{"key slot " + std::to_string(keyslot) + " of " + volume.place().device +
                           " has a token already (token " + std::to_string(token.id) + ")"};
    return done();
}

/// Writes the token and lets it open the volume; takes it away again when it does not.
Done write_and_prove(Volume& volume, int id, const std::string& json) {
    if (Done on = go_on(); !on) return on;
    volume.forget_said();
    const int written = crypt_token_json_set(volume.context(), id, json.c_str());
    if (written < 0)
        return volume.problem("token of " + volume.place().device + " cannot be written", written);
    Done proven = volume.open_by_token(id);
    if (proven) return proven;
    if (Done gone = remove_token(volume, id); !gone)
        return Problem{proven.error().text + "; " + gone.error().text};
    return proven;
}

Done add_raw_token(Volume& volume, const VendorKey& vendor, int keyslot, const Config& config) {
    const auto id = volume.free_token();
    if (!id) return Problem{"all tokens of " + volume.place().device + " are in use"};
    auto json = token_json(make_token(vendor, keyslot));
    if (!json) return Problem{json.error()};
    auto binding = volume_binding(volume.context(), keyslot, vendor.host.id, SlotState::present);
    if (!binding) return Problem{binding.error()};
    Pinning pinning{config_path(), config, volume};
    if (Done pinned = pinning.admit(*binding); !pinned) return pinned;
    if (Done proven = write_and_prove(volume, *id, *json); !proven) {
        Done restored = pinning.restore();
        if (restored) return proven;
        return Problem{proven.error().text + "; " + restored.error().text};
    }
    return pinning.settle(volume);
}

/// --dry-run: what would be written.
Done say_import(const Volume& volume, int keyslot, const Options& options, Report& report) {
    std::vector<std::string> steps;
    if (!options.header_backup.empty())
        steps.push_back("save the header to " + escrow_path(options.header_backup, volume.uuid()));
    steps.emplace_back("pin the volume's binding in hsm4.conf");
    steps.push_back("write a token for key slot " + std::to_string(keyslot) +
                    ", and open the volume through it");
    report.say_plan(steps);
    return done();
}

}  // namespace

Done import_locked_key(const Place& place, const Options& options, Report& report) {
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    auto held = hold(place);
    if (!held) return held.error();
    auto volume = Volume::open(place);
    if (!volume) return volume.error();
    auto vendor = unlock_file(options, *config);
    if (!vendor) return vendor.error();
    auto opened = volume->open_by_passphrase(vendor->key.view(), CRYPT_ANY_SLOT);
    if (!opened)
        return Problem{"the key in " + options.import_locked_key + " opens no key slot of " +
                       place.device};
    if (Done first = refuse_second_import(*volume, opened->keyslot); !first) return first;
    if (options.dry_run) return say_import(*volume, opened->keyslot, options, report);
    auto cleared = clear_leftovers(*volume, &opened->volume_key);
    if (!cleared) return cleared.error();
    if (Done saved = back_up(*volume, options, report); !saved) return saved;
    if (Done added = add_raw_token(*volume, *vendor, opened->keyslot, *config); !added)
        return added;
    report.set("result", "changed");
    report.set("keyslot", opened->keyslot);
    report.say("New hsm4 token for key slot " + std::to_string(opened->keyslot) + " of " +
               place.device + "; nothing else was changed.");
    report.warn("the key is not bound to this volume; hsm4-enroll --rotate adds one that is");
    return done();
}

}  // namespace hsm4::enroll
