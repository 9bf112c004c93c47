// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Cleaning up.
#include "tools/enroll/leftovers.hpp"

#include <libcryptsetup.h>

#include <algorithm>

#include "hsm4/token.hpp"
#include "tools/enroll/escrow.hpp"
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

/// The marked slot belongs to us when the mark's passphrase opens it.
bool is_proven(const Volume& volume, const Mark& mark, int token, const SecretBytes& volume_key) {
    if (is_listed_elsewhere(volume, mark.keyslot, token)) return false;
    auto passphrase = open_mark(mark, volume_key.view());
    return passphrase && volume.open_by_passphrase(passphrase->view(), mark.keyslot);
}

Done write_token(Volume& volume, int token, const char* json) {
    fault_point();
    volume.forget_said();
    const int written = crypt_token_json_set(volume.context(), token, json);
    if (written >= 0) return done();
    return volume.problem("token " + std::to_string(token) + " of " + volume.place().device +
                              (json == nullptr ? " cannot be removed" : " cannot be written"),
                          written);
}

/// A removal that stopped before the slot went: the token is what it was.
Outcome<int> keep_after_all(Volume& volume, const RawToken& token) {
    auto json = without_mark(token.json);
    if (!json) return Problem{json.error()};
    if (Done kept = write_token(volume, token.id, json->c_str()); !kept) return kept.error();
    return 0;
}

/// A way that was being added.
Outcome<int> clear_added(Volume& volume, const RawToken& token, const Mark& mark,
                         const SecretBytes* volume_key, const std::string& escrow) {
    int removed = 0;
    if (volume.has_keyslot(mark.keyslot)) {
        if (volume_key == nullptr) return 0;  // the next run with a passphrase
        if (is_proven(volume, mark, token.id, *volume_key)) {
            if (Done gone = remove_keyslot(volume, mark.keyslot); !gone) return gone.error();
            ++removed;
        }
    }
    if (mark.escrow && !escrow.empty())
        if (Done gone = remove_stale_escrow(escrow, *mark.escrow); !gone) return gone.error();
    if (Done gone = remove_token(volume, token.id); !gone) return gone.error();
    return removed + 1;
}

Outcome<int> clear_one(Volume& volume, const RawToken& token, const SecretBytes* volume_key,
                       const std::string& escrow) {
    if (auto mark = mark_of(token.json); mark)
        return clear_added(volume, token, *mark, volume_key, escrow);
    if (!token.keyslots.empty()) return keep_after_all(volume, token);
    if (Done gone = remove_token(volume, token.id); !gone) return gone.error();
    return 1;
}

}  // namespace

bool has_leftovers(const Volume& volume) {
    return std::ranges::any_of(volume.tokens(), is_leftover);
}

Outcome<int> clear_leftovers(Volume& volume, const SecretBytes* volume_key,
                             const std::string& escrow) {
    int removed = 0;
    for (const RawToken& token : volume.tokens()) {
        if (!is_leftover(token)) continue;
        auto gone = clear_one(volume, token, volume_key, escrow);
        if (!gone) return gone;
        removed += *gone;
    }
    return removed;
}

Done remove_keyslot(Volume& volume, int keyslot) {
    fault_point();
    volume.forget_said();
    const int gone = crypt_keyslot_destroy(volume.context(), keyslot);
    if (gone < 0)
        return volume.problem("key slot " + std::to_string(keyslot) + " of " +
                                  volume.place().device + " cannot be removed",
                              gone);
    return done();
}

Done remove_token(Volume& volume, int token) { return write_token(volume, token, nullptr); }

Done mark_removal(Volume& volume, const RawToken& token) {
    auto json = with_removal_mark(token.json);
    if (!json) return Problem{json.error()};
    return write_token(volume, token.id, json->c_str());
}

}  // namespace hsm4::enroll
