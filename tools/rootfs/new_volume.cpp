// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// libcryptsetup, and hsm4-enroll's own steps.
#include "tools/rootfs/new_volume.hpp"

#include <libcryptsetup.h>

#include <cstring>
#include <memory>
#include <utility>

#include "hsm4/crypto.hpp"

namespace hsm4::rootfs {

namespace {

constexpr std::uint32_t large_sector = 4096;  // ext4's usual block

struct Free {
    void operator()(crypt_device* context) const noexcept { crypt_free(context); }
};

Problem failed(const std::string& device, int error) {
    return Problem{device + " cannot be formatted: " + std::strerror(-error)};
}

}  // namespace

Outcome<NewVolume> format_volume(const std::string& device, const Cipher& cipher) {
    crypt_device* raw = nullptr;
    if (const int made = crypt_init(&raw, device.c_str()); made < 0) return failed(device, made);
    const std::unique_ptr<crypt_device, Free> context{raw};
    SecretBytes key{cipher.key_size};
    if (Status drawn = crypto::random_bytes(key.writable()); !drawn) return Problem{drawn.error()};
    crypt_params_luks2 params = {};
    params.sector_size = large_sector;
    const int made =
        crypt_format(raw, CRYPT_LUKS2, cipher.algorithm.c_str(), cipher.mode.c_str(), nullptr,
                     reinterpret_cast<const char*>(key.view().data()), key.size(), &params);
    if (made < 0) return failed(device, made);
    return NewVolume{device, crypt_get_uuid(raw), std::move(key)};
}

Done add_ways_in(const NewVolume& made, const WaysIn& ways) {
    auto volume = enroll::Volume::open({made.device, {}});
    return volume ? add_ways_in(*volume, made.key, ways) : Done{volume.error()};
}

std::string free_mapping() {
    std::string name = "cryptroot";
    for (int number = 2; crypt_status(nullptr, name.c_str()) != CRYPT_INACTIVE && number < 10;
         ++number)
        name = "cryptroot" + std::to_string(number);
    return name;
}

Outcome<Mapping> Mapping::by_key(const NewVolume& made, const std::string& name) {
    auto volume = enroll::Volume::open({made.device, {}});
    if (!volume) return volume.error();
    const int mapped = crypt_activate_by_volume_key(
        volume->context(), name.c_str(), reinterpret_cast<const char*>(made.key.view().data()),
        made.key.size(), 0);
    if (mapped < 0) return volume->problem(made.device + " cannot be opened", mapped);
    return Mapping{name};
}

Outcome<Mapping> Mapping::by_token(const std::string& device, const std::string& name) {
    auto volume = enroll::Volume::open({device, {}});
    if (!volume) return volume.error();
    const int opened =
        crypt_activate_by_token(volume->context(), name.c_str(), CRYPT_ANY_TOKEN, nullptr, 0);
    if (opened < 0) return volume->problem(device + " does not open by its token", opened);
    return Mapping{name};
}

Outcome<Mapping> Mapping::by_passphrase(const std::string& device, View passphrase,
                                        const std::string& name) {
    auto volume = enroll::Volume::open({device, {}});
    if (!volume) return volume.error();
    const int opened = crypt_activate_by_passphrase(
        volume->context(), name.c_str(), CRYPT_ANY_SLOT,
        reinterpret_cast<const char*>(passphrase.data()), passphrase.size(), 0);
    if (opened < 0) return volume->problem(device + " does not open by that key", opened);
    return Mapping{name};
}

Mapping::~Mapping() {
    if (!name_.empty()) crypt_deactivate(nullptr, name_.c_str());
}

Done Mapping::close() {
    const std::string name = std::exchange(name_, {});
    const int closed = crypt_deactivate(nullptr, name.c_str());
    if (closed < 0) return Problem{name + " cannot be closed: " + std::strerror(-closed)};
    return done();
}

}  // namespace hsm4::rootfs
