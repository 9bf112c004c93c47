// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The host's identity: measured components, and the binding's secret that is derived from them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hsm4/bytes.hpp"
#include "hsm4/module.hpp"
#include "hsm4/secret.hpp"

namespace hsm4 {

/// One measured component. Text form in hsm4.conf: "KIND SOURCE".
struct Component {
    /// "board-serial", "board-revision", "product-uuid": SOURCE is a file whose content counts,
    /// without trailing NUL, white space and line ends. "boot-medium": SOURCE is a block device by
    /// a stable path
    /// (/dev/disk/by-path/...), whose CID (SD, eMMC) or serial number counts. "otp": SOURCE is the
    /// program that computes the firmware's HMAC.
    std::string kind;
    std::string source;
};

/// Where the machine shows itself; tests look at another one.
struct Machine {
    std::string sys = "/sys";
    std::string proc = "/proc";
    std::string dev = "/dev";
};

/// `usage` unless `text` is "KIND SOURCE" of a known kind with an absolute path.
Result<Component> parse_component(std::string_view text);
std::string to_text(const Component& component);

/// The components that this machine offers, by stable paths, without questions: board serial and
/// revision, product UUID, boot medium, OTP device key. `boot_medium` names another whole disk.
/// An empty list means that nothing was readable.
Result<std::vector<Component>> find_components(const std::optional<std::string>& boot_medium,
                                               const Machine& machine = {});

/// The value of one component, never logged. `identity` when it cannot be read now.
Result<SecretBytes> measure(const Component& component, const Machine& machine = {});

/// True when the component's source lies on the root file system, and so is not readable before the
/// root is unlocked: no use for a binding that a root volume needs.
bool lies_on_root(const Component& component);

/// Deterministic CBOR ["hsm4 identity v1", [kind, value], ...] sorted by kind, then value.
Result<SecretBytes> measure_identity(const std::vector<Component>& components,
                                     const Machine& machine = {});

/// HKDF-SHA256(salt, identity, "hsm4 psk v1" || module id || slot): the channel's pre-shared key.
Result<Secret<32>> derive_psk(const Array<32>& salt, View identity, const Array<16>& module_id,
                              std::uint8_t slot);

}  // namespace hsm4
