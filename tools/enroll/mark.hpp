// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The mark of a key slot that is being made. Making one takes several header writes, so an
// interrupted run leaves a slot that nobody asked for; the mark lets the next run know it again,
// and tells it from everybody else's.
//
//   type "hsm4-pending", with the mark   before the slot is written
//   the final type, with the mark        the slot is there, and is being proven
//   the final type, without              done
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsm4/crypto.hpp"
#include "hsm4/secret.hpp"
#include "hsm4/token.hpp"

namespace hsm4::enroll {

/// The member of a token's JSON that carries the mark. Plugins ignore it.
inline constexpr const char* mark_member = "pending-hsm4";

struct Mark {
    int keyslot = 0;
    Array<32> salt{};
    Bytes sealed;  ///< the slot's passphrase, sealed with a key derived from the volume key
    std::optional<crypto::Hash> escrow;  ///< of the escrow file that goes with the slot
};

/// Seals `passphrase`: whoever holds the volume key needs no passphrase, so this gives away
/// nothing.
Result<Mark> make_mark(int keyslot, View passphrase, View volume_key);
/// The passphrase; `unauthentic` when the mark was made for another volume or slot.
Result<SecretBytes> open_mark(const Mark& mark, View volume_key);

/// JSON of the token that announces the slot.
Result<std::string> pending_token_json(const Mark& mark);
/// `token_json` with the mark in it.
Result<std::string> with_mark(const std::string& token_json, const Mark& mark);
/// `token_json`, whatever its type, with a mark that says it is being removed with its slots.
Result<std::string> with_removal_mark(const std::string& token_json);
/// `token_json` without any mark.
Result<std::string> without_mark(const std::string& token_json);
/// True when the token carries a mark, be it damaged.
bool is_marked(std::string_view token_json);
/// `bad_token` when there is none, or it is damaged.
Result<Mark> mark_of(std::string_view token_json);

}  // namespace hsm4::enroll
