// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Pins: what hsm4.conf says about module and volumes, against what the unauthenticated header says.
#pragma once

#include <string_view>

#include "hsm4/config.hpp"
#include "hsm4/token.hpp"
#include "hsm4/volume_binding.hpp"

namespace hsm4 {

/// `pin_mismatch` when the token names another module, other keys or another kind of module than
/// [binding]; `bad_config` when there is no [binding] but the token's backend needs one.
Status check_module_pin(const Config& config, const Token& token);

/// `pin_mismatch` when the configuration pins this volume and `binding` is none of its bindings.
Status check_volume_pin(const Config& config, std::string_view uuid, const VolumeBinding& binding);

/// The module as the volume binding names it.
Result<BoundModule> bound_module(const Token& token);

}  // namespace hsm4
