// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Trying the tokens.
#include "tools/enroll/test.hpp"

#include "tools/enroll/survey.hpp"

namespace hsm4::enroll {

namespace {

Done try_token(const Volume& volume, const SurveyedToken& found, Secrets& secrets) {
    const std::string what =
        "token " + std::to_string(found.raw.id) + " of " + volume.place().device;
    const bool hopeless = found.state == TokenState::no_key_slot ||
                          found.state == TokenState::damaged ||
                          found.state == TokenState::volume_changed;
    if (hopeless) return Problem{what + ": " + remedy_for(found.state)};
    if (!found.token || !found.token->pin) return volume.open_by_token(found.raw.id);
    auto pin = secrets.current_pin();
    if (!pin) return pin.error();
    return volume.open_by_token(found.raw.id, *pin);
}

}  // namespace

Done test(const Volume& volume, const Config& config, Secrets& secrets, Report& report) {
    std::optional<Problem> first;
    for (const SurveyedToken& found : survey(volume, config)) {
        if (found.raw.type != token_type) continue;
        Done opened = try_token(volume, found, secrets);
        if (opened) {
            report.set("result", "opens");
            report.set("token", found.raw.id);
            report.say(volume.place().device + ": token " + std::to_string(found.raw.id) +
                       " opens the volume.");
            return done();
        }
        if (!first) first = opened.error();
    }
    if (first) return *first;
    return Problem{volume.place().device + " has no hsm4 token; hsm4-enroll adds one"};
}

}  // namespace hsm4::enroll
