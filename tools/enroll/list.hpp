// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// --list: what opens a volume.
#pragma once

#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// One line for each key slot, in systemd-cryptenroll's words, and for each token of ours without
/// one.
Done list(const Volume& volume);

}  // namespace hsm4::enroll
