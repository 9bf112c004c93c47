// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: a header has one binding or none, it differs between key slots, and a header with a null
// cipher has none.
#include "hsm4/json.hpp"
#include "hsm4/volume_binding.hpp"
#include "tests/fuzz/law.hpp"

namespace {

const hsm4::BoundModule module_id = hsm4::Array<16>{};
constexpr std::string_view uuid = "3f1c7a52-7a3e-4d0b-9f0e-2c51c1a4b6d8";

auto binding(std::string_view json, int keyslot) {
    return hsm4::volume_binding(json, uuid, keyslot, module_id, hsm4::SlotState::present);
}

bool is_null_cipher(json_object* area) {
    const hsm4::Error none{hsm4::Errc::malformed, "no cipher"};
    auto cipher = hsm4::json::text(hsm4::json::member(area, "encryption"), none);
    return cipher && cipher->starts_with("cipher_null");
}

bool has_null_cipher(std::string_view text) {
    namespace json = hsm4::json;
    const json::Owner header = json::parse(text);
    json_object* segments = json::member(header.get(), "segments");
    bool found = is_null_cipher(json::member(segments, "0"));
    auto visited = json::for_each(json::member(header.get(), "keyslots"),
                                  [&](std::string_view, json_object* slot) {
                                      found |= is_null_cipher(json::member(slot, "area"));
                                      return hsm4::ok();
                                  });
    return found && visited;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view json = fuzz::text(data, size);
    auto first = binding(json, 0);
    if (!first) return 0;
    auto again = binding(json, 0);
    fuzz::must(again && *again == *first, "one header, one binding");
    fuzz::must(!has_null_cipher(json), "no binding with a null cipher");
    auto other = binding(json, 1);
    fuzz::must(!other || *other != *first, "another slot, another binding");
    return 0;
}
