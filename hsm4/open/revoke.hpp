// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// REVOKE: which generation a locked key is of, and the end of the older ones.
#pragma once

#include "hsm4/open/channel.hpp"

namespace hsm4::open {

/// `refused` when the key is dead, or not the module's, or not this volume's.
Result<std::uint32_t> generation_of(Channel& channel, View locked_key,
                                    const VolumeBinding& binding);

/// Gives the new generation, also when an earlier request from `from` did it already.
/// `wrong_state` when `from` is not the present one.
Result<std::uint32_t> revoke(Channel& channel, std::uint32_t from);

}  // namespace hsm4::open
