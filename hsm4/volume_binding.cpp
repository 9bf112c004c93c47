// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The volume binding, computed from the real header.
#include "hsm4/volume_binding.hpp"

#include <libcryptsetup.h>

#include <algorithm>
#include <limits>

#include "hsm4/cbor.hpp"
#include "hsm4/crypto.hpp"
#include "hsm4/json.hpp"

namespace hsm4 {

namespace {

constexpr std::string_view domain = "hsm4 volume v1";
constexpr const char* the_segment = "0";

Error bad(const char* where) { return Error{Errc::bad_volume, where}; }

bool contains(const std::vector<std::string_view>& list, std::string_view wanted) {
    return std::ranges::find(list, wanted) != list.end();
}

/// "cipher_null-ecb", "capi:ecb(cipher_null)", "capi:...(digest_null...": none of them protects
/// anything.
bool is_null_cipher(std::string_view encryption) {
    std::string lower{encryption};
    std::ranges::transform(lower, lower.begin(), [](unsigned char letter) {
        return static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter);
    });
    return lower.empty() || lower.find("null") != lower.npos;
}

Status check_requirements(json_object* header) {
    json_object* config = json::member(header, "config");
    if (config == nullptr) return bad("LUKS2 header without configuration");
    json_object* requirements = json::member(config, "requirements");
    if (requirements == nullptr) return ok();
    json_object* mandatory = json::member(requirements, "mandatory");
    if (mandatory == nullptr) return bad("LUKS2 header with unknown requirements");
    auto names = json::texts(mandatory, bad("LUKS2 header with damaged requirements"));
    if (!names) return names.error();
    if (!names->empty()) return bad("LUKS2 header with unmet requirements (reencryption pending?)");
    return ok();
}

/// A null cipher in the area of any slot would hand the volume key to whoever reads the header.
Status check_key_slots(json_object* header) {
    json_object* slots = json::member(header, "keyslots");
    if (!json_object_is_type(slots, json_type_object)) return bad("LUKS2 header without key slots");
    return json::for_each(slots, [](std::string_view, json_object* slot) -> Status {
        auto encryption = json::text(json::member(json::member(slot, "area"), "encryption"),
                                     bad("key slot without an encrypted area"));
        if (!encryption) return encryption.error();
        if (is_null_cipher(*encryption)) return bad("key slot area with a null cipher");
        return ok();
    });
}

Result<json_object*> find_segment(json_object* header) {
    json_object* segments = json::member(header, "segments");
    json_object* segment = json::member(segments, the_segment);
    if (segment == nullptr || json_object_object_length(segments) != 1)
        return bad("LUKS2 header that does not have exactly one segment");
    return segment;
}

/// The one digest that names the segment and, unless it is only planned, the slot.
Result<json_object*> find_digest(json_object* header, const std::string& slot, SlotState state) {
    json_object* digests = json::member(header, "digests");
    if (!json_object_is_type(digests, json_type_object)) return bad("LUKS2 header without digests");
    json_object* found = nullptr;
    int matches = 0;
    Status walked = json::for_each(digests, [&](std::string_view, json_object* digest) -> Status {
        auto slots = json::texts(json::member(digest, "keyslots"), bad("digest without key slots"));
        if (!slots) return slots.error();
        auto segments =
            json::texts(json::member(digest, "segments"), bad("digest without segments"));
        if (!segments) return segments.error();
        const bool names_slot = contains(*slots, slot);
        if (names_slot && state == SlotState::planned) return bad("planned key slot is in use");
        const bool slot_fits = names_slot || state == SlotState::planned;
        if (!slot_fits || !contains(*segments, the_segment)) return ok();
        found = digest;
        ++matches;
        return ok();
    });
    if (!walked) return walked.error();
    if (matches != 1)
        return bad("LUKS2 header without exactly one digest for this key slot and the segment");
    return found;
}

/// [type, hash, iterations, salt, digest]
Result<cbor::Item> digest_item(json_object* digest) {
    const Error error = bad("damaged digest");
    auto type = json::text(json::member(digest, "type"), error);
    auto hash = json::text(json::member(digest, "hash"), error);
    auto iterations = json::number(json::member(digest, "iterations"), error);
    auto salt = json::text(json::member(digest, "salt"), error);
    auto value = json::text(json::member(digest, "digest"), error);
    if (!type || !hash || !iterations || !salt || !value) return error;
    auto salt_bytes = from_base64(*salt);
    auto value_bytes = from_base64(*value);
    if (!salt_bytes || !value_bytes || salt_bytes->empty() || value_bytes->empty()) return error;
    return cbor::array(cbor::text(*type), cbor::text(*hash), cbor::unsigned_integer(*iterations),
                       cbor::bytes(*salt_bytes), cbor::bytes(*value_bytes));
}

/// null, or [type, journal encryption, journal integrity]
Result<cbor::Item> integrity_item(json_object* segment) {
    json_object* integrity = json::member(segment, "integrity");
    if (integrity == nullptr) return cbor::null();
    const Error error = bad("damaged integrity of the segment");
    auto type = json::text(json::member(integrity, "type"), error);
    auto encryption = json::text(json::member(integrity, "journal_encryption"), error);
    auto journal = json::text(json::member(integrity, "journal_integrity"), error);
    if (!type || !encryption || !journal) return error;
    return cbor::array(cbor::text(*type), cbor::text(*encryption), cbor::text(*journal));
}

/// [type, offset, iv_tweak, encryption, sector_size, integrity]
Result<cbor::Item> segment_item(json_object* segment) {
    const Error error = bad("damaged segment");
    auto type = json::text(json::member(segment, "type"), error);
    if (!type || *type != "crypt") return bad("segment that is not encrypted");
    auto offset = json::decimal(json::member(segment, "offset"), error);
    auto tweak = json::decimal(json::member(segment, "iv_tweak"), error);
    auto encryption = json::text(json::member(segment, "encryption"), error);
    auto sector = json::number(json::member(segment, "sector_size"), error);
    if (!offset || !tweak || !encryption || !sector) return error;
    if (is_null_cipher(*encryption)) return bad("segment with a null cipher");
    auto integrity = integrity_item(segment);
    if (!integrity) return integrity.error();
    return cbor::array(cbor::text(*type), cbor::unsigned_integer(*offset),
                       cbor::unsigned_integer(*tweak), cbor::text(*encryption),
                       cbor::unsigned_integer(*sector), std::move(*integrity));
}

/// 16 bytes of "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx".
Result<Array<16>> uuid_bytes(std::string_view uuid) {
    constexpr std::size_t text_size = 36;
    std::string digits;
    bool shaped = uuid.size() == text_size;
    for (std::size_t at = 0; shaped && at < uuid.size(); ++at) {
        const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
        if (dash != (uuid[at] == '-')) shaped = false;
        if (!dash) digits += uuid[at];
    }
    auto bytes = from_hex(digits);
    if (!shaped || !bytes) return bad("LUKS UUID that is none");
    return to_array<16>(*bytes, "LUKS UUID");
}

cbor::Item module_item(const BoundModule& module) {
    if (const auto* id = std::get_if<Array<16>>(&module)) return cbor::bytes(*id);
    return cbor::text(std::get<std::string>(module));
}

}  // namespace

Result<VolumeBinding> volume_binding(std::string_view header_json, std::string_view uuid,
                                     int keyslot, const BoundModule& module, SlotState slot) {
    const json::Owner header = json::parse(header_json);
    if (!header || keyslot < 0) return bad("LUKS2 header that is not readable");
    if (Status met = check_requirements(header.get()); !met) return met.error();
    if (Status sound = check_key_slots(header.get()); !sound) return sound.error();
    auto segment = find_segment(header.get());
    if (!segment) return segment.error();
    auto digest = find_digest(header.get(), std::to_string(keyslot), slot);
    if (!digest) return digest.error();
    auto id = uuid_bytes(uuid);
    if (!id) return id.error();
    auto bound_digest = digest_item(*digest);
    if (!bound_digest) return bound_digest.error();
    auto bound_segment = segment_item(*segment);
    if (!bound_segment) return bound_segment.error();
    auto encoded =
        cbor::encode(cbor::array(cbor::text(domain), module_item(module), cbor::bytes(*id),
                                 cbor::unsigned_integer(static_cast<unsigned>(keyslot)),
                                 std::move(*bound_digest), std::move(*bound_segment)));
    if (!encoded) return encoded.error();
    return crypto::sha256(*encoded);
}

Result<VolumeBinding> volume_binding(struct crypt_device* device, int keyslot,
                                     const BoundModule& module, SlotState slot) {
    const char* header = nullptr;
    const char* uuid = crypt_get_uuid(device);
    if (uuid == nullptr || crypt_dump_json(device, &header, 0) != 0 || header == nullptr)
        return bad("LUKS2 header that is not readable");
    return volume_binding(std::string_view{header}, uuid, keyslot, module, slot);
}

}  // namespace hsm4
