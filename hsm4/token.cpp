// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The token's JSON, strictly read and written.
#include "hsm4/token.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "hsm4/json.hpp"

namespace hsm4 {

namespace {

constexpr int version = 1;
constexpr int key_slots_of_luks2 = 32;
constexpr std::size_t longest_serial = 64;
constexpr std::size_t longest_locked_key = 1280;  // base64 of it still fits into a token

constexpr std::array known_fields{
    std::string_view{"hsm4-version"},    std::string_view{"hsm4-backend"},
    std::string_view{"hsm4-module-id"},  std::string_view{"hsm4-public-key"},
    std::string_view{"hsm4-verify-key"}, std::string_view{"hsm4-locked-key"},
    std::string_view{"hsm4-format"},     std::string_view{"hsm4-pin"},
};

Error bad(const char* where) { return Error{Errc::bad_token, where}; }

Result<std::optional<int>> parse_key_slots(json_object* object) {
    const Error error = bad("keyslots");
    auto names = json::texts(json::member(object, "keyslots"), error);
    if (!names) return names.error();
    if (names->empty()) return std::optional<int>{};
    if (names->size() > 1) return bad("token that lists more than one key slot");
    const std::string_view name = names->front();
    int slot = -1;
    const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), slot);
    if (code != std::errc{} || end != name.data() + name.size() || std::to_string(slot) != name ||
        slot < 0 || slot >= key_slots_of_luks2)
        return error;
    return std::optional<int>{slot};
}

Status refuse_unknown_fields(json_object* object) {
    return json::for_each(object, [](std::string_view name, json_object*) -> Status {
        if (name.starts_with("hsm4-") &&
            std::ranges::find(known_fields, name) == known_fields.end())
            return bad("unknown hsm4 field");
        return ok();
    });
}

Result<Bytes> base64_field(json_object* object, const char* name) {
    auto text = json::text(json::member(object, name), bad(name));
    if (!text) return text.error();
    auto bytes = from_base64(*text);
    if (!bytes) return bad(name);
    return bytes;
}

Status parse_open_keys(json_object* object, Token& token) {
    auto id = from_hex(token.module_id);
    auto id_array = id ? to_array<16>(*id, "hsm4-module-id") : bad("hsm4-module-id");
    if (!id_array || to_hex(*id_array) != token.module_id) return bad("hsm4-module-id");
    auto public_bytes = base64_field(object, "hsm4-public-key");
    if (!public_bytes) return public_bytes.error();
    auto verify_bytes = base64_field(object, "hsm4-verify-key");
    if (!verify_bytes) return verify_bytes.error();
    auto public_key = to_array<32>(*public_bytes, "hsm4-public-key");
    auto verify_key = to_array<32>(*verify_bytes, "hsm4-verify-key");
    if (!public_key) return bad("hsm4-public-key");
    if (!verify_key) return bad("hsm4-verify-key");
    token.keys = ModuleKeys{*id_array, *public_key, *verify_key};
    return ok();
}

Status parse_vendor_id(json_object* object, const Token& token) {
    const bool printable = std::ranges::all_of(
        token.module_id, [](unsigned char letter) { return letter > 0x20 && letter < 0x7f; });
    if (token.module_id.empty() || token.module_id.size() > longest_serial || !printable)
        return bad("hsm4-module-id");
    if (json::member(object, "hsm4-public-key") != nullptr ||
        json::member(object, "hsm4-verify-key") != nullptr)
        return bad("keys of an open module in a token of a vendor's module");
    return ok();
}

Status parse_module(json_object* object, Token& token) {
    auto backend = json::text(json::member(object, "hsm4-backend"), bad("hsm4-backend"));
    if (!backend) return backend.error();
    auto id = json::text(json::member(object, "hsm4-module-id"), bad("hsm4-module-id"));
    if (!id) return id.error();
    token.backend = *backend;
    token.module_id = *id;
    if (token.backend == "open") return parse_open_keys(object, token);
    if (token.backend == "zymbit") return parse_vendor_id(object, token);
    return bad("hsm4-backend");
}

Status parse_locked_key(json_object* object, Token& token) {
    auto format = json::text(json::member(object, "hsm4-format"), bad("hsm4-format"));
    if (!format) return format.error();
    if (*format == "raw" && token.backend == "zymbit")
        token.format = LockedFormat::raw;
    else if (*format != "sealed-v1")
        return bad("hsm4-format");
    auto pin = json::boolean(json::member(object, "hsm4-pin"), bad("hsm4-pin"));
    if (!pin) return pin.error();
    token.pin = *pin;
    auto locked = base64_field(object, "hsm4-locked-key");
    if (!locked) return locked.error();
    if (locked->empty() || locked->size() > longest_locked_key) return bad("hsm4-locked-key");
    token.locked_key = std::move(*locked);
    return ok();
}

Status parse_frame(json_object* object, std::string_view type) {
    auto found = json::text(json::member(object, "type"), bad("type"));
    if (!found || *found != type) return bad("type");
    auto found_version = json::number(json::member(object, "hsm4-version"), bad("hsm4-version"));
    if (!found_version || *found_version != version) return bad("hsm4-version");
    return refuse_unknown_fields(object);
}

bool add(json_object* object, const char* name, json_object* value) {
    return value != nullptr && json_object_object_add(object, name, value) == 0;
}

bool add_text(json_object* object, const char* name, const std::string& text) {
    return add(object, name, json_object_new_string(text.c_str()));
}

}  // namespace

Result<Token> parse_token(std::string_view json, std::string_view type, KeySlots slots) {
    if (json.size() > longest_token) return bad("token that is too long");
    const json::Owner object = json::parse(json);
    if (!object) return bad("token that is not JSON");
    if (Status framed = parse_frame(object.get(), type); !framed) return framed.error();
    Token token;
    auto slot = parse_key_slots(object.get());
    if (!slot) return slot.error();
    if (!slot->has_value() && slots == KeySlots::exactly_one)
        return bad("token that lists no key slot");
    token.keyslot = slot->value_or(no_key_slot);
    if (Status module = parse_module(object.get(), token); !module) return module.error();
    if (Status locked = parse_locked_key(object.get(), token); !locked) return locked.error();
    return token;
}

Result<std::string> token_json(const Token& token, std::string_view type) {
    const Error failed = bad("token cannot be written");
    const json::Owner object{json_object_new_object()};
    json_object* slots = json_object_new_array();
    bool done = add_text(object.get(), "type", std::string{type}) &&
                add(object.get(), "keyslots", slots) &&
                (token.keyslot == no_key_slot ||
                 json_object_array_add(
                     slots, json_object_new_string(std::to_string(token.keyslot).c_str())) == 0) &&
                add(object.get(), "hsm4-version", json_object_new_int(version)) &&
                add_text(object.get(), "hsm4-backend", token.backend) &&
                add_text(object.get(), "hsm4-module-id", token.module_id);
    if (token.keys)
        done = done &&
               add_text(object.get(), "hsm4-public-key", to_base64(token.keys->public_key)) &&
               add_text(object.get(), "hsm4-verify-key", to_base64(token.keys->verify_key));
    done = done && add_text(object.get(), "hsm4-locked-key", to_base64(token.locked_key)) &&
           add_text(object.get(), "hsm4-format",
                    token.format == LockedFormat::raw ? "raw" : "sealed-v1") &&
           add(object.get(), "hsm4-pin", json_object_new_boolean(token.pin ? 1 : 0));
    if (!done) return failed;
    std::string text = json_object_to_json_string_ext(
        object.get(), JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    // What is written must be what will be read.
    if (auto again = parse_token(text, type, KeySlots::at_most_one); !again) return again.error();
    return text;
}

}  // namespace hsm4
