// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The token in the LUKS2 header: its JSON, strictly read. Everything in it is unauthenticated
// input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsm4/bytes.hpp"
#include "hsm4/module.hpp"

namespace hsm4 {

inline constexpr const char* token_type = "hsm4";
/// A mark that enrolment leaves while it is under way; not a type that any plugin serves.
inline constexpr const char* pending_token_type = "hsm4-pending";
inline constexpr std::size_t longest_token = 2048;

enum class LockedFormat {
    sealed_v1,  ///< "sealed-v1"
    raw,        ///< "raw": imported from a vendor system, backend zymbit only
};

/// A token whose slot was removed (luksKillSlot) lists none; it can be shown, not used.
inline constexpr int no_key_slot = -1;

struct Token {
    int keyslot = 0;                 ///< exactly one
    std::string backend;             ///< "open" or "zymbit"
    std::string module_id;           ///< hex of 16 bytes, or a serial number
    std::optional<ModuleKeys> keys;  ///< backend open only; module_id repeated inside
    Bytes locked_key;
    LockedFormat format = LockedFormat::sealed_v1;
    bool pin = false;
};

enum class KeySlots {
    exactly_one,
    at_most_one
};

/// Reads a token of type `type`. `bad_token`, with the field's name in `where`, for a field that is
/// missing, mistyped, out of range or not what the backend allows; unknown fields "hsm4-*" are
/// refused, others ignored.
Result<Token> parse_token(std::string_view json, std::string_view type = token_type,
                          KeySlots slots = KeySlots::exactly_one);

/// JSON on one line; shorter than longest_token.
Result<std::string> token_json(const Token& token, std::string_view type = token_type);

}  // namespace hsm4
