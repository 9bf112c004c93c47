// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The volume binding: what it covers, what it must not cover, and the headers that are refused.
#include <functional>
#include <string>

#include "hsm4/json.hpp"
#include "hsm4/volume_binding.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Errc;
using hsm4::SlotState;

namespace {

constexpr const char* uuid = "5a8f9a6e-0000-4000-8000-0123456789ab";

constexpr const char* header = R"({
 "keyslots":{
  "0":{"type":"luks2","key_size":64,"area":{"type":"raw","offset":"32768","size":"258048",
   "encryption":"aes-xts-plain64","key_size":64},
   "kdf":{"type":"pbkdf2","hash":"sha256","iterations":1000,"salt":"AAAA"}},
  "1":{"type":"luks2","key_size":64,"area":{"type":"raw","offset":"290816","size":"258048",
   "encryption":"aes-xts-plain64","key_size":64},
   "kdf":{"type":"pbkdf2","hash":"sha512","iterations":1000,"salt":"AAAA"}}},
 "tokens":{},
 "segments":{"0":{"type":"crypt","offset":"16777216","size":"dynamic","iv_tweak":"0",
  "encryption":"aes-xts-plain64","sector_size":4096}},
 "digests":{"0":{"type":"pbkdf2","keyslots":["0","1"],"segments":["0"],"hash":"sha256",
  "iterations":1000,"salt":"GKVkvH5TRVg=","digest":"F6JQ6ZoEEks="}},
 "config":{"json_size":"12288","keyslots_size":"16744448"}}
)";

hsm4::BoundModule module_a() {
    hsm4::Array<16> id{};
    id.fill(std::byte{0xaa});
    return id;
}

hsm4::Result<hsm4::VolumeBinding> binding_of(const std::string& json, int slot = 1,
                                             const std::string& id = uuid,
                                             const hsm4::BoundModule& module = module_a()) {
    return hsm4::volume_binding(json, id, slot, module, SlotState::present);
}

std::string changed(const std::string& from, const std::string& to) {
    std::string text = header;
    const auto at = text.find(from);
    assert_true(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

void differs(const std::string& json) {
    auto binding = binding_of(json);
    assert_true(binding && *binding != *binding_of(header));
}

void same(const std::string& json) {
    auto binding = binding_of(json);
    assert_true(binding && *binding == *binding_of(header));
}

void refused(const std::string& json, int slot = 1) {
    auto binding = binding_of(json, slot);
    assert_true(!binding && binding.error().code == Errc::bad_volume);
}

}  // namespace

static void it_covers_digest_segment_slot_uuid_and_module(void** /*state*/) {
    differs(changed("\"salt\":\"GKVkvH5TRVg=\"", "\"salt\":\"HKVkvH5TRVg=\""));
    differs(changed("\"digest\":\"F6J", "\"digest\":\"G6J"));
    differs(changed("\"segments\":[\"0\"],\"hash\":\"sha256\"",
                    "\"segments\":[\"0\"],\"hash\":\"sha512\""));
    differs(changed("\"iterations\":1000,\"salt\":\"GKV", "\"iterations\":1001,\"salt\":\"GKV"));
    differs(changed("\"offset\":\"16777216\"", "\"offset\":\"16777217\""));
    differs(changed("\"iv_tweak\":\"0\"", "\"iv_tweak\":\"8\""));
    differs(changed("\"encryption\":\"aes-xts-plain64\",\"sector_size\"",
                    "\"encryption\":\"aes-cbc-plain64\",\"sector_size\""));
    differs(changed("\"sector_size\":4096", "\"sector_size\":512"));
    differs(changed("\"sector_size\":4096",
                    "\"sector_size\":4096,\"integrity\":{\"type\":\"hmac(sha256)\","
                    "\"journal_encryption\":\"none\",\"journal_integrity\":\"none\"}"));
    assert_true(*binding_of(header, 0) != *binding_of(header, 1));
    assert_true(*binding_of(header, 1, "5a8f9a6e-0000-4000-8000-0123456789ac") !=
                *binding_of(header));
    assert_true(*binding_of(header, 1, uuid, hsm4::BoundModule{std::string{"serial"}}) !=
                *binding_of(header));
}

static void it_does_not_cover_labels_flags_size_and_other_slots(void** /*state*/) {
    same(changed("\"size\":\"dynamic\"", "\"size\":\"1048576\""));
    same(changed("\"config\":{", "\"config\":{\"flags\":[\"allow-discards\"],"));
    same(changed("\"keyslots\":[\"0\",\"1\"]", "\"keyslots\":[\"1\"]"));
    same(changed("\"tokens\":{}", "\"tokens\":{\"0\":{\"type\":\"x\",\"keyslots\":[]}}"));
    same(changed("\"key_size\":64,\"area\"", "\"priority\":2,\"key_size\":64,\"area\""));
}

static void spelling_of_the_json_does_not_matter(void** /*state*/) {
    std::string compact = header;
    std::erase(compact, '\n');
    std::erase(compact, ' ');
    same(compact);
}

static void a_null_cipher_anywhere_is_refused(void** /*state*/) {
    for (const char* cipher :
         {"cipher_null-ecb", "CIPHER_NULL", "capi:ecb(cipher_null)-null", ""}) {
        const std::string text = '"' + std::string{cipher} + '"';
        refused(changed("\"aes-xts-plain64\",\"sector_size\"", text + ",\"sector_size\""));
        // The area of a slot that is not even the token's.
        refused(changed("\"encryption\":\"aes-xts-plain64\",\"key_size\":64}",
                        "\"encryption\":" + text + ",\"key_size\":64}"));
    }
}

static void exactly_one_encrypted_segment_is_wanted(void** /*state*/) {
    refused(changed("\"type\":\"crypt\"", "\"type\":\"linear\""));
    refused(changed("\"segments\":{\"0\":{", "\"segments\":{\"1\":{"));
    refused(
        changed("\"sector_size\":4096}}", "\"sector_size\":4096},\"1\":{\"type\":\"linear\"}}"));
    refused(changed("\"segments\":{\"0\"", "\"segment\":{\"0\""));
}

static void exactly_one_digest_names_slot_and_segment(void** /*state*/) {
    refused(changed("\"keyslots\":[\"0\",\"1\"]", "\"keyslots\":[\"0\"]"));
    refused(changed("\"segments\":[\"0\"]", "\"segments\":[]"));
    const std::string second =
        ",\"1\":{\"type\":\"pbkdf2\",\"keyslots\":[\"1\"],\"segments\":[\"0\"],\"hash\":\"sha256\","
        "\"iterations\":1000,\"salt\":\"AAAA\",\"digest\":\"AAAA\"}}";
    refused(changed("F6JQ6ZoEEks=\"}}", "F6JQ6ZoEEkv=\"}" + second));
    refused(header, 2);
    refused(header, -1);
}

static void unmet_requirements_are_refused(void** /*state*/) {
    refused(changed("\"config\":{",
                    "\"config\":{\"requirements\":{\"mandatory\":[\"online-reencrypt-v2\"]},"));
    refused(changed("\"config\":{", "\"config\":{\"requirements\":{},"));
    same(changed("\"config\":{", "\"config\":{\"requirements\":{\"mandatory\":[]},"));
}

static void damaged_headers_are_refused(void** /*state*/) {
    for (const char* text : {"", "{", "[]", "null", "{}"}) refused(text);
    refused(changed("\"iv_tweak\":\"0\"", "\"iv_tweak\":0"));
    refused(changed("\"offset\":\"16777216\"", "\"offset\":\"-1\""));
    refused(changed("\"offset\":\"16777216\"", "\"offset\":\"016777216\""));
    refused(changed("\"offset\":\"16777216\"", "\"offset\":\"99999999999999999999\""));
    refused(changed("\"digest\":\"F6JQ", "\"digest\":\"F6J"));
    refused(changed("\"area\":{\"type\":\"raw\",\"offset\":\"32768\"", "\"aria\":{\"x\":\"1\""));
    for (const char* id :
         {"", "5a8f9a6e-0000-4000-8000-0123456789", "5a8f9a6e0000400080000123456789ab",
          "5a8f9a6e-0000-4000-8000-0123456789ag"})
        assert_true(!binding_of(header, 1, id));
}

static void a_planned_slot_is_bound_by_the_segments_digest(void** /*state*/) {
    auto planned = hsm4::volume_binding(changed("[\"0\",\"1\"]", "[\"0\"]"), uuid, 1, module_a(),
                                        SlotState::planned);
    assert_true(planned && *planned == *binding_of(header));
    auto in_use = hsm4::volume_binding(header, uuid, 1, module_a(), SlotState::planned);
    assert_true(!in_use && in_use.error().code == Errc::bad_volume);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_covers_digest_segment_slot_uuid_and_module),
        cmocka_unit_test(it_does_not_cover_labels_flags_size_and_other_slots),
        cmocka_unit_test(spelling_of_the_json_does_not_matter),
        cmocka_unit_test(a_null_cipher_anywhere_is_refused),
        cmocka_unit_test(exactly_one_encrypted_segment_is_wanted),
        cmocka_unit_test(exactly_one_digest_names_slot_and_segment),
        cmocka_unit_test(unmet_requirements_are_refused),
        cmocka_unit_test(damaged_headers_are_refused),
        cmocka_unit_test(a_planned_slot_is_bound_by_the_segments_digest),
    };
    return cmocka_run_group_tests_name("volume binding", tests, nullptr, nullptr);
}
