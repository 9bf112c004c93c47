// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Writing and reading marks.
#include "tools/enroll/mark.hpp"

#include "hsm4/json.hpp"

namespace hsm4::enroll {

namespace {

constexpr std::size_t longest_sealed = 512;
constexpr int key_slots_of_luks2 = 32;
const Error damaged{Errc::bad_token, "mark of an interrupted run"};

/// Key and nonce of one mark; the salt is drawn anew for each.
struct SealingKey {
    Secret<crypto::key_size> key;
    Array<crypto::nonce_size> nonce{};
};

Result<SealingKey> sealing_key(const Array<32>& salt, View volume_key) {
    Secret<crypto::key_size + crypto::nonce_size> both;
    Status derived =
        crypto::hkdf_sha256(salt, volume_key, view_of("hsm4 pending v1"), both.writable());
    if (!derived) return derived.error();
    SealingKey made;
    std::ranges::copy(both.view().first<crypto::key_size>(), made.key.writable().begin());
    std::ranges::copy(both.view().last<crypto::nonce_size>(), made.nonce.begin());
    return made;
}

bool add_text(json_object* object, const char* name, const std::string& text) {
    json_object* value = json_object_new_string(text.c_str());
    return value != nullptr && json_object_object_add(object, name, value) == 0;
}

Result<std::string> text_of(json_object* object) {
    const char* text = json_object_to_json_string_ext(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text == nullptr) return Error{Errc::bad_token, "token that cannot be written"};
    return std::string{text};
}

bool add_mark(json_object* token, const Mark& mark) {
    json_object* object = json_object_new_object();
    if (json_object_object_add(token, mark_member, object) != 0) return false;
    return add_text(object, "keyslot", std::to_string(mark.keyslot)) &&
           add_text(object, "salt", to_hex(mark.salt)) &&
           add_text(object, "sealed", to_base64(mark.sealed)) &&
           (!mark.escrow || add_text(object, "escrow", to_hex(*mark.escrow)));
}

Status read_escrow(json_object* object, Mark& mark) {
    json_object* member = json::member(object, "escrow");
    if (member == nullptr) return ok();
    auto text = json::text(member, damaged);
    auto bytes = text ? from_hex(*text) : damaged;
    auto hash = bytes ? to_array<crypto::hash_size>(*bytes, "escrow") : damaged;
    if (!hash) return damaged;
    mark.escrow = *hash;
    return ok();
}

}  // namespace

Result<Mark> make_mark(int keyslot, View passphrase, View volume_key) {
    Mark mark;
    mark.keyslot = keyslot;
    if (Status drawn = crypto::random_bytes(mark.salt); !drawn) return drawn.error();
    auto sealing = sealing_key(mark.salt, volume_key);
    if (!sealing) return sealing.error();
    mark.sealed.resize(passphrase.size() + crypto::tag_size);
    Status sealed =
        crypto::aead_seal(crypto::Aead::aes_256_gcm, sealing->key.view(), sealing->nonce,
                          view_of(std::to_string(keyslot)), passphrase, mark.sealed);
    if (!sealed) return sealed.error();
    return mark;
}

Result<SecretBytes> open_mark(const Mark& mark, View volume_key) {
    auto sealing = sealing_key(mark.salt, volume_key);
    if (!sealing) return sealing.error();
    SecretBytes passphrase{mark.sealed.size() - crypto::tag_size};
    Status opened = crypto::aead_open(crypto::Aead::aes_256_gcm, sealing->key.view(),
                                      sealing->nonce, view_of(std::to_string(mark.keyslot)),
                                      mark.sealed, passphrase.writable());
    if (!opened) return opened.error();
    return passphrase;
}

Result<std::string> pending_token_json(const Mark& mark) {
    const json::Owner token{json_object_new_object()};
    const bool made =
        add_text(token.get(), "type", pending_token_type) &&
        json_object_object_add(token.get(), "keyslots", json_object_new_array()) == 0 &&
        add_mark(token.get(), mark);
    if (!made) return Error{Errc::bad_token, "token that cannot be written"};
    return text_of(token.get());
}

Result<std::string> with_mark(const std::string& token_json, const Mark& mark) {
    const json::Owner token = json::parse(token_json);
    if (!token || !add_mark(token.get(), mark))
        return Error{Errc::bad_token, "token that cannot be written"};
    return text_of(token.get());
}

Result<std::string> with_removal_mark(const std::string& token_json) {
    const json::Owner token = json::parse(token_json);
    json_object* object = json_object_new_object();
    if (!token || json_object_object_add(token.get(), mark_member, object) != 0)
        return Error{Errc::bad_token, "token that cannot be written"};
    return text_of(token.get());
}

Result<std::string> without_mark(const std::string& token_json) {
    const json::Owner token = json::parse(token_json);
    if (!token) return Error{Errc::bad_token, "token that cannot be written"};
    json_object_object_del(token.get(), mark_member);
    return text_of(token.get());
}

bool is_marked(std::string_view token_json) {
    const json::Owner token = json::parse(token_json);
    return json::member(token.get(), mark_member) != nullptr;
}

Result<Mark> mark_of(std::string_view token_json) {
    const json::Owner token = json::parse(token_json);
    json_object* object = json::member(token.get(), mark_member);
    Mark mark;
    auto slot = json::decimal(json::member(object, "keyslot"), damaged);
    auto salt = json::text(json::member(object, "salt"), damaged);
    auto sealed = json::text(json::member(object, "sealed"), damaged);
    if (!slot || !salt || !sealed || *slot >= key_slots_of_luks2) return damaged;
    auto salt_bytes = from_hex(*salt);
    auto salt_array = salt_bytes ? to_array<32>(*salt_bytes, "salt") : damaged;
    auto sealed_bytes = from_base64(*sealed);
    if (!salt_array || !sealed_bytes) return damaged;
    if (sealed_bytes->size() <= crypto::tag_size || sealed_bytes->size() > longest_sealed)
        return damaged;
    mark.keyslot = static_cast<int>(*slot);
    mark.salt = *salt_array;
    mark.sealed = std::move(*sealed_bytes);
    if (Status escrow = read_escrow(object, mark); !escrow) return escrow.error();
    return mark;
}

}  // namespace hsm4::enroll
