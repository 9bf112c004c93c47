// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Token JSON: a round trip, and everything that is refused. The header is unauthenticated input.
#include <string>

#include "hsm4/token.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Errc;

namespace {

hsm4::Token good_token() {
    hsm4::Token token;
    token.keyslot = 1;
    token.backend = "open";
    token.keys = hsm4::ModuleKeys{};
    token.keys->module_id.fill(std::byte{0xab});
    token.keys->public_key.fill(std::byte{0x01});
    token.keys->verify_key.fill(std::byte{0x02});
    token.module_id = hsm4::to_hex(token.keys->module_id);
    token.locked_key = hsm4::Bytes(187, std::byte{0x5a});
    return token;
}

/// `text` with the first `from` replaced; the test fails when it is not there.
std::string changed(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    assert_true(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

bool refused(const std::string& json) {
    auto token = hsm4::parse_token(json);
    return !token && token.error().code == Errc::bad_token;
}

}  // namespace

static void what_is_written_is_read(void** /*state*/) {
    const hsm4::Token token = good_token();
    auto json = hsm4::token_json(token);
    assert_true(json && json->size() < hsm4::longest_token);
    auto again = hsm4::parse_token(*json);
    assert_true(static_cast<bool>(again));
    assert_int_equal(again->keyslot, 1);
    assert_true(again->locked_key == token.locked_key);
    assert_true(again->keys && again->keys->verify_key == token.keys->verify_key);
    assert_false(again->pin);
}

static void every_field_must_be_there(void** /*state*/) {
    const std::string json = *hsm4::token_json(good_token());
    for (const char* field :
         {"keyslots", "hsm4-version", "hsm4-backend", "hsm4-module-id", "hsm4-public-key",
          "hsm4-verify-key", "hsm4-locked-key", "hsm4-format", "hsm4-pin"}) {
        const std::string name = '"' + std::string{field} + '"';
        assert_true(refused(changed(json, name, "\"other\"")));
    }
}

static void mistyped_fields_are_refused(void** /*state*/) {
    const std::string json = *hsm4::token_json(good_token());
    assert_true(refused(changed(json, "\"hsm4-version\":1", "\"hsm4-version\":\"1\"")));
    assert_true(refused(changed(json, "\"hsm4-version\":1", "\"hsm4-version\":2")));
    assert_true(refused(changed(json, "\"hsm4-pin\":false", "\"hsm4-pin\":0")));
    assert_true(refused(changed(json, "\"hsm4-backend\":\"open\"", "\"hsm4-backend\":[]")));
    assert_true(refused(changed(json, "\"hsm4-backend\":\"open\"", "\"hsm4-backend\":\"tpm2\"")));
    assert_true(refused(changed(json, "[\"1\"]", "\"1\"")));
    assert_true(refused(changed(json, "[\"1\"]", "[1]")));
    assert_true(refused(changed(json, "\"hsm4\"", "\"luks2-keyring\"")));
}

static void key_slots_must_be_one_and_in_range(void** /*state*/) {
    const std::string json = *hsm4::token_json(good_token());
    for (const char* slots :
         {"[\"1\",\"2\"]", "[\"32\"]", "[\"-1\"]", "[\"01\"]", "[\"\"]", "[\"1 \"]"})
        assert_true(refused(changed(json, "[\"1\"]", slots)));
    const std::string orphan = changed(json, "[\"1\"]", "[]");
    assert_true(refused(orphan));
    auto shown = hsm4::parse_token(orphan, hsm4::token_type, hsm4::KeySlots::at_most_one);
    assert_true(shown && shown->keyslot == hsm4::no_key_slot);
}

static void keys_must_have_their_length_and_strict_text(void** /*state*/) {
    const std::string json = *hsm4::token_json(good_token());
    const std::string key = hsm4::to_base64(good_token().keys->public_key);
    assert_true(refused(changed(json, key, key.substr(4))));
    assert_true(refused(changed(json, key, "!" + key.substr(1))));
    const std::string id = good_token().module_id;
    assert_true(refused(changed(json, id, id.substr(2))));
    assert_true(refused(changed(json, id, "AB" + id.substr(2))));
    const std::string blob = hsm4::to_base64(good_token().locked_key);
    assert_true(refused(changed(json, blob, "")));
}

static void raw_is_for_a_vendors_module_only(void** /*state*/) {
    const std::string json = *hsm4::token_json(good_token());
    assert_true(refused(changed(json, "sealed-v1", "raw")));
    assert_true(refused(changed(json, "sealed-v1", "sealed-v2")));
    hsm4::Token vendor;
    vendor.keyslot = 0;
    vendor.backend = "zymbit";
    vendor.module_id = "00000123ABC";
    vendor.locked_key = hsm4::Bytes(600, std::byte{1});
    vendor.format = hsm4::LockedFormat::raw;
    auto written = hsm4::token_json(vendor);
    assert_true(written && hsm4::parse_token(*written)->format == hsm4::LockedFormat::raw);
}

static void unknown_fields_of_ours_are_refused_others_ignored(void** /*state*/) {
    const std::string json = *hsm4::token_json(good_token());
    assert_true(refused(changed(json, "{\"type\"", "{\"hsm4-extra\":1,\"type\"")));
    assert_true(static_cast<bool>(
        hsm4::parse_token(changed(json, "{\"type\"", "{\"comment\":\"x\",\"type\""))));
}

static void what_is_no_token_at_all_is_refused(void** /*state*/) {
    for (const char* text : {"", "{", "[]", "null", "3", "\"hsm4\"", "{}", "{}{}"})
        assert_true(refused(text));
    assert_true(refused(std::string(hsm4::longest_token + 1, ' ')));
    assert_true(refused(std::string(1000, '[')));
    assert_true(refused(*hsm4::token_json(good_token()) + "x"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_field_must_be_there),
        cmocka_unit_test(mistyped_fields_are_refused),
        cmocka_unit_test(key_slots_must_be_one_and_in_range),
        cmocka_unit_test(keys_must_have_their_length_and_strict_text),
        cmocka_unit_test(raw_is_for_a_vendors_module_only),
        cmocka_unit_test(unknown_fields_of_ours_are_refused_others_ignored),
        cmocka_unit_test(what_is_no_token_at_all_is_refused),
    };
    return cmocka_run_group_tests_name("token", tests, nullptr, nullptr);
}
