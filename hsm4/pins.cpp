// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Comparing a header with the pins.
#include "hsm4/pins.hpp"

#include <algorithm>

namespace hsm4 {

Status check_module_pin(const Config& config, const Token& token) {
    if (token.backend != "open") return ok();  // a vendor's module is known by its software alone
    if (!config.binding) return Error{Errc::bad_config, "this host is not bound to a module"};
    const ModuleKeys& pinned = config.binding->module;
    if (!token.keys) return Error{Errc::pin_mismatch, "token without module keys"};
    if (token.keys->module_id != pinned.module_id)
        return Error{Errc::pin_mismatch, "token of another module than this host's"};
    if (token.keys->public_key != pinned.public_key || token.keys->verify_key != pinned.verify_key)
        return Error{Errc::pin_mismatch, "token with other module keys than the pinned ones"};
    return ok();
}

Status check_volume_pin(const Config& config, std::string_view uuid, const VolumeBinding& binding) {
    const auto pinned = config.volumes.find(std::string{uuid});
    if (pinned == config.volumes.end()) return ok();
    if (std::ranges::find(pinned->second, binding) == pinned->second.end())
        return Error{Errc::pin_mismatch, "volume that was changed since it was enrolled"};
    return ok();
}

Result<BoundModule> bound_module(const Token& token) {
    if (token.keys) return BoundModule{token.keys->module_id};
    if (token.backend == "open") return Error{Errc::bad_token, "token without module keys"};
    return BoundModule{token.module_id};
}

}  // namespace hsm4
