// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Mixing the two sources.
#include "hsm4/device/rng.hpp"

#include "hsm4/wire/fields.hpp"

namespace hsm4::device {

Result<Rng> Rng::seed(const Secret<32>& device_secret, std::uint32_t power_on) {
    Secret<32> fresh;
    if (Status drawn = crypto::random_bytes(fresh.writable()); !drawn) return drawn.error();
    wire::Writer info{32};
    info.put(view_of("hsm4 random v1")).put(power_on);
    Secret<32> key;
    Status derived =
        crypto::hkdf_sha256(fresh.view(), device_secret.view(), info.view(), key.writable());
    if (!derived) return derived.error();
    return Rng{std::move(key)};
}

/// HKDF of the key gives the output and the next key; the old key is gone before the output is out.
Status Rng::fill(std::span<std::byte> out) {
    SecretBytes own{key_.view().size() + out.size()};
    Status derived =
        crypto::hkdf_sha256({}, key_.view(), view_of("hsm4 random output v1"), own.writable());
    if (!derived) return derived;
    key_ = Secret<32>{own.view().first<32>()};
    if (Status drawn = crypto::random_bytes(out); !drawn) return drawn;
    const View mask = own.view().subspan(key_.view().size());
    for (std::size_t at = 0; at < out.size(); ++at) out[at] ^= mask[at];
    return ok();
}

}  // namespace hsm4::device
