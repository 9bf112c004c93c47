// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Cleaning up.
#include "tools/enroll/leftovers.hpp"

#include <libcryptsetup.h>

#include <algorithm>

#include "hsm4/token.hpp"
#include "tools/enroll/mark.hpp"
#include "tools/fault_point.hpp"

namespace hsm4::enroll {

namespace {

bool lost_its_slot(const RawToken& token) {
    return token.type == token_type && token.keyslots.empty();
}

bool is_leftover(const RawToken& token) {
    return token.type == pending_token_type || is_marked(token.json) || lost_its_slot(token);
}

/// A slot that another token lists belongs to that one, whatever a mark says.
bool is_listed_elsewhere(const Volume& volume, int keyslot, int token) {
    return std::ranges::any_of(volume.tokens(), [&](const RawToken& other) {
        return other.id != token &&
               std::ranges::find(other.keyslots, keyslot) != other.keyslots.end();
    });
}

/// The marked slot, when it exists and the mark's passphrase opens it.
std::optional<int> proven_slot(const Volume& volume, const RawToken& token,
                               const SecretBytes& volume_key) {
    auto mark = mark_of(token.json);
    if (!mark || !volume.has_keyslot(mark->keyslot)) return std::nullopt;
    if (is_listed_elsewhere(volume, mark->keyslot, token.id)) return std::nullopt;
    auto passphrase = open_mark(*mark, volume_key.view());
    if (!passphrase) return std::nullopt;
    if (!volume.open_by_passphrase(passphrase->view(), mark->keyslot)) return std::nullopt;
    return mark->keyslot;
}

}  // namespace

bool has_leftovers(const Volume& volume) {
    return std::ranges::any_of(volume.tokens(), is_leftover);
}

Outcome<int> clear_leftovers(Volume& volume, const SecretBytes& volume_key) {
    int removed = 0;
    for (const RawToken& token : volume.tokens()) {
        if (!is_leftover(token)) continue;
        if (const auto slot = proven_slot(volume, token, volume_key)) {
            if (Done gone = remove_keyslot(volume, *slot); !gone) return gone.error();
            ++removed;
        }
        if (Done gone = remove_token(volume, token.id); !gone) return gone.error();
        ++removed;
    }
    return removed;
}

Done remove_keyslot(Volume& volume, int keyslot) {
    fault_point();
    const int gone = crypt_keyslot_destroy(volume.context(), keyslot);
    if (gone < 0)
        return volume.problem("key slot " + std::to_string(keyslot) + " of " +
                                  volume.place().device + " cannot be removed",
                              gone);
    return done();
}

Done remove_token(Volume& volume, int token) {
    fault_point();
    const int gone = crypt_token_json_set(volume.context(), token, nullptr);
    if (gone < 0)
        return volume.problem("token " + std::to_string(token) + " of " + volume.place().device +
                                  " cannot be removed",
                              gone);
    return done();
}

}  // namespace hsm4::enroll
