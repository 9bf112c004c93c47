// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The volume binding: one SHA-256 that ties a locked key to one key slot of one LUKS2 volume,
// because LUKS2 metadata is malleable (CVE-2025-59054, CVE-2021-4122). Computed from the real
// header each time.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "hsm4/bytes.hpp"
#include "hsm4/module.hpp"

struct crypt_device;

namespace hsm4 {

/// The module in a binding: 16 bytes of an open module, or the serial number of a vendor's.
using BoundModule = std::variant<Array<16>, std::string>;

/// How the slot relates to the header.
enum class SlotState {
    present,  ///< a digest must name the slot (unlocking, listing)
    planned,  ///< the slot does not exist yet; the digest of segment 0 will name it (enrolling)
};

/// Binding of `keyslot` from the JSON of the LUKS2 header (as crypt_dump_json gives it) and its
/// UUID. `bad_volume`, with a reason in `where`, unless there is exactly one segment "0" of type
/// crypt, exactly one digest that names both segment and slot, no unmet requirement, and no null
/// cipher anywhere.
Result<VolumeBinding> volume_binding(std::string_view header_json, std::string_view uuid,
                                     int keyslot, const BoundModule& module, SlotState slot);

/// The same for an open device (context loaded, LUKS2).
Result<VolumeBinding> volume_binding(struct crypt_device* device, int keyslot,
                                     const BoundModule& module, SlotState slot);

}  // namespace hsm4
