// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Opening a volume by what the user has.
#include "tools/enroll/way_in.hpp"

#include <libcryptsetup.h>

#include "tools/enroll/survey.hpp"

namespace hsm4::enroll {

namespace {

Outcome<Volume::Opened> open_by_module(const Volume& volume, const Config& config,
                                       Secrets& secrets) {
    std::optional<Problem> first;
    for (const SurveyedToken& found : survey(volume, config)) {
        if (!is_of_this_host(found, config)) continue;
        std::optional<View> pin;
        if (found.token->pin) {
            auto given = secrets.current_pin();
            if (!given) return given.error();
            pin = *given;
        }
        auto opened = volume.open_with_token(found.raw.id, pin);
        if (opened) return opened;
        if (!first) first = opened.error();
    }
    if (first) return *first;
    return Problem{volume.place().device +
                   " has no token of this host's module to unlock it with; use another key"};
}

}  // namespace

Outcome<Volume::Opened> open_way_in(const Volume& volume, const Config& config,
                                    const Options& options, Secrets& secrets) {
    const bool by_module =
        options.unlock_hsm4 || (options.change_pin && options.unlock_key_file.empty());
    if (by_module) return open_by_module(volume, config, secrets);
    auto key = secrets.existing_key(volume.place().device);
    if (!key) return key.error();
    return volume.open_by_passphrase(*key, CRYPT_ANY_SLOT);
}

}  // namespace hsm4::enroll
