// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Has each volume a token that opens it now, and another way in?
#include <libcryptsetup.h>

#include <algorithm>
#include <filesystem>

#include "hsm4/describe.hpp"
#include "hsm4/token.hpp"
#include "tools/adiantum.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/vendor_system.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::ctl::doctor {

namespace {

using enroll::RawToken;
using enroll::Volume;

std::vector<RawToken> our_tokens(const Volume& volume) {
    auto tokens = volume.tokens();
    std::erase_if(tokens, [](const RawToken& token) { return token.type != token_type; });
    return tokens;
}

/// A key slot that needs no module.
bool has_recovery(const Volume& volume, const std::vector<RawToken>& tokens) {
    return std::ranges::any_of(volume.keyslots(), [&](int slot) {
        return std::ranges::none_of(tokens, [slot](const RawToken& token) {
            return std::ranges::find(token.keyslots, slot) != token.keyslots.end();
        });
    });
}

void check_opening(Checkup& checkup, const Volume& volume, const std::vector<RawToken>& tokens) {
    const std::string& device = volume.place().device;
    std::string reason;
    for (const RawToken& token : tokens) {
        const std::string name = device + ", token " + std::to_string(token.id);
        auto parsed = parse_token(token.json);
        if (parsed && parsed->pin) {
            checkup.add(Severity::warning, "token", name + " wants a PIN",
                        "it was not tried, and the boot asks for the PIN", {});
            return;
        }
        if (auto opened = volume.open_by_token(token.id)) {
            checkup.good("token", name + " opens it now");
            return;
        } else if (reason.empty()) {
            reason = opened.error().text;
        }
    }
    checkup.add(Severity::failure, "token", device + " is not opened by its token: " + reason,
                "the boot will ask for a passphrase", "hsm4-enroll " + device);
}

/// Keys that a vendor's tools locked, until they are rotated and wiped.
void check_raw_keys(Checkup& checkup, const std::string& device,
                    const std::vector<RawToken>& tokens) {
    const RawToken* raw = nullptr;
    bool has_sealed = false;
    for (const RawToken& token : tokens) {
        auto parsed = parse_token(token.json);
        if (parsed && parsed->format == LockedFormat::raw)
            raw = &token;
        else
            has_sealed = has_sealed || parsed;
    }
    if (raw == nullptr) return;
    checkup.add(Severity::warning, "zymbit-raw-token",
                device + ", token " + std::to_string(raw->id) +
                    " holds a key that the vendor's tools locked",
                "it is not bound to this volume, so a changed header is not noticed",
                !has_sealed || raw->keyslots.empty()
                    ? "hsm4-enroll --unlock-hsm4 --rotate " + device
                    : "hsm4-enroll --unlock-hsm4 --wipe-slot=" +
                          std::to_string(raw->keyslots.front()) + ' ' + device);
}

/// What AES needs is in every initramfs that opens volumes. Adiantum consists of several modules,
/// and only one has its name.
void note_cipher(Checkup& checkup, const Volume& volume) {
    const char* mode = crypt_get_cipher_mode(volume.context());
    if (mode == nullptr || !std::string_view{mode}.starts_with("adiantum")) return;
    checkup.cipher_modules = {adiantum_modules.begin(), adiantum_modules.end()};
}

/// A wrong proof more would do harm, and could not open anything.
bool may_try(const Checkup& checkup) {
    if (checkup.is_vendors()) return checkup.module_answers;
    return checkup.binding_proven || !checkup.config || !checkup.config->binding;
}

void check_volume(Checkup& checkup, const std::string& device) {
    auto volume = Volume::open({device, {}});
    if (!volume) {
        checkup.add(Severity::failure, "volume", volume.error().text,
                    "the volume cannot be examined", {});
        return;
    }
    const auto tokens = our_tokens(*volume);
    if (tokens.empty()) {
        std::error_code failed;
        std::string import;
        if (checkup.is_vendors() &&
            std::filesystem::exists(checkup.root + vendor_locked_key, failed))
            import = "--import-locked-key=" + std::string{vendor_locked_key} + ' ';
        checkup.add(Severity::failure, "token", device + " has no hsm4 token",
                    "the boot will ask for a passphrase, or uses the vendor's keyscript",
                    "hsm4-enroll " + import + device);
        return;
    }
    checkup.boot_needs_module = true;
    note_cipher(checkup, *volume);
    if (!has_recovery(*volume, tokens))
        checkup.add(Severity::warning, "recovery", device + " opens by the module only",
                    "if the module breaks, the data is lost", "cryptsetup luksAddKey " + device);
    else
        checkup.good("recovery", device + " has a key slot that needs no module");
    check_raw_keys(checkup, device, tokens);
    if (checkup.must_not_try)
        checkup.add(Severity::warning, "token", device + " was not tried",
                    "only the next boot will tell", {});
    else if (may_try(checkup))
        check_opening(checkup, *volume, tokens);
    else
        checkup.add(Severity::failure, "token", device + " was not tried",
                    "the module does not serve this host now: see above", "hsm4ctl status");
}

}  // namespace

void check_volumes(Checkup& checkup) {
    if (checkup.volumes.empty())
        checkup.add(Severity::warning, "volume", "the root file system is on no LUKS2 volume",
                    "the boot has nothing to unlock; other volumes can be named as arguments", {});
    for (const std::string& device : checkup.volumes) check_volume(checkup, device);
}

}  // namespace hsm4::ctl::doctor
