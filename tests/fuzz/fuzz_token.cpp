// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: a token that is accepted says the same after it was written and read again, and stays short.
// What is shown of any JSON at all is printable.
#include "hsm4/token.hpp"
#include "plugin/dump.hpp"
#include "tests/fuzz/law.hpp"

namespace {

bool same(const hsm4::Token& a, const hsm4::Token& b) {
    const bool same_keys = a.keys.has_value() == b.keys.has_value() &&
                           (!a.keys || (a.keys->public_key == b.keys->public_key &&
                                        a.keys->verify_key == b.keys->verify_key));
    return same_keys && a.keyslot == b.keyslot && a.backend == b.backend &&
           a.module_id == b.module_id && a.locked_key == b.locked_key && a.format == b.format &&
           a.pin == b.pin;
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return c == '\n' || c == '\t' || (c >= ' ' && c <= '~'); });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view json = fuzz::text(data, size);
    fuzz::must(is_printable(hsm4::plugin::dump_text(json)), "what is shown is printable");
    auto token = hsm4::parse_token(json);
    if (!token) return 0;
    auto written = hsm4::token_json(*token);
    fuzz::must(written && written->size() < hsm4::longest_token,
               "an accepted token can be written");
    auto again = hsm4::parse_token(*written);
    fuzz::must(again && same(*again, *token), "parse(write(token)) == token");
    return 0;
}
