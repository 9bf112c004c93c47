// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Listing key slots and their tokens.
#include "tools/enroll/list.hpp"

#include <algorithm>
#include <cstdio>

#include "hsm4/token.hpp"

namespace hsm4::enroll {

namespace {

/// systemd-cryptenroll's word for a token type.
std::string kind_of(const std::string& token_type) {
    constexpr std::string_view systemd = "systemd-";
    if (token_type == hsm4::token_type) return token_type;
    if (token_type.starts_with(systemd)) return token_type.substr(systemd.size());
    return "other";
}

void print_line(const std::string& keyslot, const std::string& kind, const std::string& token) {
    std::printf("%4s %-10s %s\n", keyslot.c_str(), kind.c_str(), token.c_str());
}

}  // namespace

Done list(const Volume& volume) {
    const auto tokens = volume.tokens();
    print_line("SLOT", "TYPE", "TOKEN");
    for (const int slot : volume.keyslots()) {
        const auto token = std::ranges::find_if(tokens, [slot](const RawToken& candidate) {
            return std::ranges::find(candidate.keyslots, slot) != candidate.keyslots.end();
        });
        if (token == tokens.end())
            print_line(std::to_string(slot), "password", "-");
        else
            print_line(std::to_string(slot), kind_of(token->type), std::to_string(token->id));
    }
    for (const RawToken& token : tokens)
        if (token.keyslots.empty() &&
            (token.type == token_type || token.type == pending_token_type))
            print_line("-", token.type, std::to_string(token.id) + " (left over)");
    return done();
}

}  // namespace hsm4::enroll
