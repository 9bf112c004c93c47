// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Deriving the module's keys.
#include "hsm4/device/keys.hpp"

namespace hsm4::device {

namespace {

Result<Secret<32>> derive(const Secret<32>& device_secret, std::string_view purpose) {
    Secret<32> key;
    Status derived =
        crypto::hkdf_sha256({}, device_secret.view(), view_of(purpose), key.writable());
    if (!derived) return derived.error();
    return key;
}

}  // namespace

Result<Keys> derive_keys(const Secret<32>& device_secret) {
    auto channel = derive(device_secret, "hsm4 noise static v1");
    if (!channel) return channel.error();
    auto pair = crypto::x25519_from_secret(channel->view());
    if (!pair) return pair.error();
    auto sign = derive(device_secret, "hsm4 sign v1");
    if (!sign) return sign.error();
    auto verify = crypto::ed25519_public(sign->view());
    if (!verify) return verify.error();
    auto seal = derive(device_secret, "hsm4 seal v1");
    if (!seal) return seal.error();
    auto pin = derive(device_secret, "hsm4 pin v1");
    if (!pin) return pin.error();
    auto id = wire::module_id_of(pair->public_key, *verify);
    if (!id) return id.error();
    return Keys{std::move(*pair), std::move(*sign), *verify,
                std::move(*seal), std::move(*pin),  *id};
}

}  // namespace hsm4::device
