// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Showing a token: only what parsed, so that nothing unprintable reaches the terminal.
#include "plugin/dump.hpp"

#include "hsm4/describe.hpp"
#include "hsm4/token.hpp"

namespace hsm4::plugin {

namespace {

std::string line(std::string_view name, std::string_view value) {
    return '\t' + std::string{name} + std::string{value} + '\n';
}

}  // namespace

std::string dump_text(std::string_view json) {
    auto token = parse_token(json, token_type, KeySlots::at_most_one);
    if (!token) return line("hsm4:       ", describe(token.error()));
    std::string text = line("Backend:    ", token->backend);
    text += line("Module:     ", token->module_id);
    if (token->keys) text += line("Verify key: ", to_base64(token->keys->verify_key));
    text += line("Locked key: ", std::to_string(token->locked_key.size()) + " bytes, " +
                                     (token->format == LockedFormat::raw ? "raw" : "sealed-v1"));
    text += line("PIN:        ", token->pin ? "yes" : "no");
    return text;
}

}  // namespace hsm4::plugin
