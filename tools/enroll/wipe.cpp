// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Removing key slots and their tokens.
#include "tools/enroll/wipe.hpp"

#include <libcryptsetup.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "hsm4/token.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/enroll/leftovers.hpp"
#include "tools/enroll/list.hpp"

namespace hsm4::enroll {

namespace {

constexpr int key_slots_of_luks2 = 32;
constexpr std::array words_known{"all",  "empty",  "password", "recovery",
                                 "hsm4", "pkcs11", "fido2",    "tpm2"};

std::optional<int> number_of(const std::string& word) {
    int slot = -1;
    const char* const end = word.data() + word.size();
    const auto [stop, code] = std::from_chars(word.data(), end, slot);
    if (code != std::errc{} || stop != end || slot < 0 || slot >= key_slots_of_luks2)
        return std::nullopt;
    return slot;
}

bool matches(const Volume& volume, int slot, const std::string& word) {
    if (word == "all") return true;
    if (word == "empty") return static_cast<bool>(volume.open_by_passphrase(view_of(""), slot));
    if (const auto number = number_of(word)) return *number == slot;
    return kind_of_slot(volume, slot) == word;
}

bool is_known_type(const std::string& type) {
    return type == token_type || type.starts_with("systemd-");
}

bool loses_all(const RawToken& token, const std::set<int>& slots) {
    return !token.keyslots.empty() &&
           std::ranges::all_of(token.keyslots, [&](int slot) { return slots.contains(slot); });
}

/// The module's tokens are known again without a mark when their slots are gone.
Done mark_for_removal(Volume& volume, const RawToken& token) {
    if (token.type == token_type) return done();
    return mark_removal(volume, token);
}

Done remove_all(Volume& volume, const std::set<int>& slots, const std::vector<RawToken>& tokens,
                Report& report) {
    for (const RawToken& token : tokens)
        if (Done marked = mark_for_removal(volume, token); !marked) return marked;
    for (const int slot : slots) {
        if (Done on = go_on("what is wiped stays so; run it again for the rest"); !on) return on;
        if (Done gone = remove_keyslot(volume, slot); !gone) return gone;
        report.append("removed-keyslots", json_object_new_int(slot));
        report.say("Wiped key slot " + std::to_string(slot) + " of " + volume.place().device + ".");
    }
    for (const RawToken& token : tokens)
        if (Done gone = remove_token(volume, token.id); !gone) return gone;
    return done();
}

}  // namespace

Done check_wipe_words(const std::vector<std::string>& words) {
    for (const std::string& word : words)
        if (!number_of(word) && std::ranges::find(words_known, word) == words_known.end())
            return Problem{"--wipe-slot=" + word +
                               ": use a slot's number, all, empty, password, recovery, hsm4, "
                               "pkcs11, fido2 or tpm2",
                           exit_usage};
    return done();
}

Outcome<std::set<int>> choose_slots(const Volume& volume, const std::vector<std::string>& words,
                                    const std::set<int>& keep) {
    std::set<int> chosen;
    for (const std::string& word : words) {
        const auto number = number_of(word);
        if (number && !volume.has_keyslot(*number))
            return Problem{"key slot " + word + " of " + volume.place().device +
                           " is not in use; see --list"};
        for (const int slot : volume.keyslots())
            if (!keep.contains(slot) && matches(volume, slot, word)) chosen.insert(slot);
    }
    return chosen;
}

Done wipe(Volume& volume, const std::set<int>& slots, Report& report) {
    const auto present = volume.keyslots();
    if (!slots.empty() &&
        std::ranges::all_of(present, [&](int slot) { return slots.contains(slot); }))
        return Problem{"that would remove the last key slot of " + volume.place().device +
                       "; add another way in first"};
    std::vector<RawToken> tokens;
    for (RawToken& token : volume.tokens())
        if (is_known_type(token.type) && loses_all(token, slots))
            tokens.push_back(std::move(token));
    return remove_all(volume, slots, tokens, report);
}

}  // namespace hsm4::enroll
