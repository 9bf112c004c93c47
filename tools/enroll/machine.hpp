// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The volumes of this machine, for --all.
#pragma once

#include <string>
#include <vector>

namespace hsm4::enroll {

/// Block devices with a LUKS2 header that carries an hsm4 token.
std::vector<std::string> volumes_of_machine();

}  // namespace hsm4::enroll
