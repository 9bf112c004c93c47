// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A LUKS2 volume through libcryptsetup.
#include "tools/enroll/volume.hpp"

#include <fcntl.h>
#include <libcryptsetup.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "hsm4/json.hpp"

namespace hsm4::enroll {

namespace {

/// Keeps the last error; nothing of the library's own reaches the terminal.
void remember(int level, const char* message, void* user) {
    if (level != CRYPT_LOG_ERROR || message == nullptr) return;
    std::string line = message;
    while (line.ends_with('\n')) line.pop_back();
    if (!line.empty()) *static_cast<std::string*>(user) = line;
}

Done check_path(const std::string& path) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0)
        return Problem{path + ": " + std::strerror(errno) + "; name a block device or image file"};
    if (!S_ISBLK(status.st_mode) && !S_ISREG(status.st_mode))
        return Problem{path + ": neither a block device nor an image file"};
    return done();
}

std::vector<int> keyslots_of(const std::string& json) {
    const json::Owner object = json::parse(json);
    auto names = json::texts(json::member(object.get(), "keyslots"), Error{Errc::bad_token, ""});
    std::vector<int> slots;
    if (!names) return slots;
    for (const std::string_view name : *names) {
        int slot = -1;
        const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), slot);
        if (code == std::errc{} && end == name.data() + name.size()) slots.push_back(slot);
    }
    return slots;
}

}  // namespace

void Volume::Free::operator()(crypt_device* context) const noexcept { crypt_free(context); }

Outcome<Volume> Volume::open(const Place& place) {
    if (Done there = check_path(place.device); !there) return there.error();
    if (Done there = check_path(place.metadata()); !there) return there.error();
    auto said = std::make_unique<std::string>();
    crypt_set_log_callback(nullptr, remember, said.get());
    crypt_device* raw = nullptr;
    const int made = place.header.empty()
                         ? crypt_init(&raw, place.device.c_str())
                         : crypt_init_data_device(&raw, place.header.c_str(), place.device.c_str());
    crypt_set_log_callback(nullptr, nullptr, nullptr);
    Volume volume{place, std::move(said), Context{raw}};
    if (made != 0) return volume.problem(place.metadata() + " cannot be opened", made);
    crypt_set_log_callback(raw, remember, volume.said_.get());
    const int loaded = crypt_load(raw, CRYPT_LUKS, nullptr);
    if (loaded != 0)
        return Problem{place.metadata() +
                       " has no LUKS2 header that can be read; restore it from a "
                       "backup if it once had (cryptsetup luksHeaderRestore)"};
    if (std::strcmp(crypt_get_type(raw), CRYPT_LUKS2) != 0)
        return Problem{place.metadata() +
                       " is LUKS1, which has no tokens; see cryptsetup convert --type luks2"};
    return volume;
}

std::string Volume::uuid() const {
    const char* uuid = crypt_get_uuid(context());
    return uuid != nullptr ? uuid : "";
}

bool Volume::has_keyslot(int slot) const {
    const auto state = crypt_keyslot_status(context(), slot);
    return state != CRYPT_SLOT_INACTIVE && state != CRYPT_SLOT_INVALID;
}

std::vector<int> Volume::keyslots() const {
    std::vector<int> used;
    for (int slot = 0; slot < crypt_keyslot_max(CRYPT_LUKS2); ++slot)
        if (has_keyslot(slot)) used.push_back(slot);
    return used;
}

std::optional<int> Volume::free_keyslot() const {
    for (int slot = 0; slot < crypt_keyslot_max(CRYPT_LUKS2); ++slot)
        if (!has_keyslot(slot)) return slot;
    return std::nullopt;
}

std::optional<int> Volume::free_token() const {
    for (int token = 0; token < crypt_token_max(CRYPT_LUKS2); ++token)
        if (crypt_token_status(context(), token, nullptr) == CRYPT_TOKEN_INACTIVE) return token;
    return std::nullopt;
}

std::vector<RawToken> Volume::tokens() const {
    std::vector<RawToken> found;
    for (int id = 0; id < crypt_token_max(CRYPT_LUKS2); ++id) {
        const char* type = nullptr;
        const char* json = nullptr;
        const auto state = crypt_token_status(context(), id, &type);
        if (state == CRYPT_TOKEN_INACTIVE || state == CRYPT_TOKEN_INVALID) continue;
        if (crypt_token_json_get(context(), id, &json) < 0 || json == nullptr) continue;
        found.push_back({id, type != nullptr ? type : "", json, keyslots_of(json)});
    }
    return found;
}

Outcome<Volume::Opened> Volume::open_by_passphrase(View passphrase, int keyslot) const {
    const int size = crypt_get_volume_key_size(context());
    if (size <= 0) return Problem{place_.metadata() + " has no volume key"};
    Opened opened{SecretBytes{static_cast<std::size_t>(size)}, 0};
    std::size_t length = opened.volume_key.size();
    const int slot = crypt_volume_key_get(
        context(), keyslot, reinterpret_cast<char*>(opened.volume_key.writable().data()), &length,
        reinterpret_cast<const char*>(passphrase.data()), passphrase.size());
    if (slot == -EPERM)
        return Problem{
            "no key slot of " + place_.device +
            " opens with this passphrase or key file (of which every byte counts, a line end "
            "too)"};
    if (slot < 0) return problem("no key slot of " + place_.device + " can be opened", slot);
    opened.volume_key.shorten(length);
    opened.keyslot = slot;
    return opened;
}

Done Volume::open_by_token(int token, std::optional<View> pin) const {
    said_->clear();
    const int slot = pin ? crypt_activate_by_token_pin(context(), nullptr, nullptr, token,
                                                       reinterpret_cast<const char*>(pin->data()),
                                                       pin->size(), nullptr, 0)
                         : crypt_activate_by_token(context(), nullptr, token, nullptr, 0);
    if (slot >= 0) return done();
    return token_problem(token, slot);
}

Outcome<Volume::Opened> Volume::open_with_token(int token, std::optional<View> pin) const {
    const int size = crypt_get_volume_key_size(context());
    if (size <= 0) return Problem{place_.metadata() + " has no volume key"};
    Opened opened{SecretBytes{static_cast<std::size_t>(size)}, 0};
    std::size_t length = opened.volume_key.size();
    said_->clear();
    crypt_keyslot_context* way = nullptr;
    const char* typed = pin ? reinterpret_cast<const char*>(pin->data()) : nullptr;
    int slot = crypt_keyslot_context_init_by_token(context(), token, nullptr, typed,
                                                   pin ? pin->size() : 0, nullptr, &way);
    if (slot >= 0)
        slot = crypt_volume_key_get_by_keyslot_context(
            context(), CRYPT_ANY_SLOT, reinterpret_cast<char*>(opened.volume_key.writable().data()),
            &length, way);
    crypt_keyslot_context_free(way);
    if (slot < 0) return token_problem(token, slot);
    opened.volume_key.shorten(length);
    opened.keyslot = slot;
    return opened;
}

Problem Volume::token_problem(int token, int error) const {
    const std::string what = "token " + std::to_string(token) + " does not open " + place_.device;
    if (error == -EPERM)
        return Problem{what + ": its key slot has another key now; run hsm4-enroll --rotate"};
    if (!said_->empty()) return Problem{what + ": " + *said_};
    if (error == -ENOENT)
        return Problem{what + ": is libcryptsetup-token-hsm4.so in cryptsetup's plugin directory?"};
    return problem(what, error);
}

Problem Volume::problem(const std::string& what, int error) const {
    if (!said_->empty()) return Problem{what + ": " + *said_};
    return Problem{what + ": " + std::strerror(error < 0 ? -error : error)};
}

Outcome<Descriptor> hold(const Place& place) {
    const std::string& path = place.metadata();
    Descriptor file{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
    if (!file) return Problem{path + " cannot be written: " + std::strerror(errno)};
    // Not flock(), which is libcryptsetup's own lock on image files.
    struct flock whole = {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (::fcntl(file.get(), F_OFD_SETLK, &whole) != 0)
        return Problem{path +
                       " is being changed by another hsm4-enroll; try again when it is done"};
    return file;
}

}  // namespace hsm4::enroll
