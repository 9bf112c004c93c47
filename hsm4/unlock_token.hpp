// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From a token to the key that its module has locked.
#pragma once

#include <optional>

#include "hsm4/module.hpp"
#include "hsm4/token.hpp"

namespace hsm4 {

/// Lets `module` unlock what `token` holds, in the way that the token's format needs. `binding` is
/// that of the volume and slot as they are now. Errors are the module's; `usage` for a raw key with
/// a PIN.
Result<SecretBytes> unlock_token(Module& module, const Token& token, const VolumeBinding& binding,
                                 std::optional<View> pin);

}  // namespace hsm4
