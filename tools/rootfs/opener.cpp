// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// From a header in a file to a passphrase of its volume.
#include "tools/rootfs/opener.hpp"

#include <libcryptsetup.h>

#include "hsm4/config.hpp"
#include "hsm4/passphrase.hpp"
#include "hsm4/pins.hpp"
#include "hsm4/unlock_token.hpp"
#include "tools/enroll/survey.hpp"
#include "tools/enroll/user_key.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::uint16_t rapid_ms = 100;

Outcome<Key> unlock(enroll::BoundHost& host, const enroll::Volume& volume, const Token& token,
                    const Config& config) {
    auto binding = enroll::binding_of(volume, token);
    if (!binding) return Problem{binding.error()};
    if (Status pinned = check_volume_pin(config, volume.uuid(), *binding); !pinned)
        return Problem{pinned.error()};
    auto unlocked = unlock_token(*host.module, token, *binding, {});
    if (!unlocked) return Problem{unlocked.error()};
    auto secret = passphrase(*unlocked, {});
    if (!secret) return Problem{secret.error()};
    auto opened = volume.open_by_passphrase(secret->view(), token.keyslot);
    if (!opened) return opened.error();
    return Key{token.keyslot, std::move(*secret)};
}

}  // namespace

Outcome<Key> key_from_module(const std::string& device, const std::string& finished) {
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    auto volume = enroll::Volume::open({device, finished});
    if (!volume) return volume.error();
    SystemClock clock;
    auto host = enroll::reach_module({}, *config, clock);
    if (!host) return host.error();
    for (const enroll::SurveyedToken& found : enroll::survey(*volume, *config))
        if (found.state == enroll::TokenState::usable && !found.token->pin &&
            enroll::is_of_this_host(found, *config))
            return unlock(*host, *volume, *found.token, *config);
    return Problem{"the prepared header has no token of this host's module"};
}

Outcome<Key> key_from_person(const std::string& device, const std::string& finished,
                             SecretBytes typed) {
    auto volume = enroll::Volume::open({device, finished});
    if (!volume) return volume.error();
    auto opened = volume->open_by_passphrase(typed.view(), CRYPT_ANY_SLOT);
    if (!opened) return opened.error();
    return Key{opened->keyslot, std::move(typed)};
}

Done check_real_header(const std::string& device) {
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    auto volume = enroll::Volume::open({device, {}});
    if (!volume) return volume.error();
    for (const enroll::SurveyedToken& found : enroll::survey(*volume, *config)) {
        if (!enroll::is_of_this_host(found, *config)) continue;
        auto binding = enroll::binding_of(*volume, *found.token);
        if (!binding) return Problem{binding.error()};
        Status pinned = check_volume_pin(*config, volume->uuid(), *binding);
        return pinned ? done() : Done{Problem{pinned.error()}};
    }
    return Problem{device + " has lost its token; hsm4-enroll can add one, with the recovery key"};
}

void show_on_led(bool busy) {
    auto config = load_config(config_path());
    if (!config) return;
    SystemClock clock;
    auto host = enroll::reach_module({}, *config, clock);
    if (!host) return;
    const LedOrder flash{LedMode::flash, rapid_ms, rapid_ms, 0};
    static_cast<void>(host->module->led(busy ? flash : LedOrder{}));
}

}  // namespace hsm4::rootfs
