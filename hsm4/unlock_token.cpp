// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The one place that looks at a token's format.
#include "hsm4/unlock_token.hpp"

namespace hsm4 {

Result<SecretBytes> unlock_token(Module& module, const Token& token, const VolumeBinding& binding,
                                 std::optional<View> pin) {
    if (token.format == LockedFormat::sealed_v1)
        return module.unlock(token.locked_key, binding, pin);
    if (token.pin || pin) return Error{Errc::usage, "PIN with a key of a vendor's system"};
    return module.unlock_raw(token.locked_key);
}

}  // namespace hsm4
