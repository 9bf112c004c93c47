// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Room in a header.
#pragma once

#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

struct Places {
    int keyslot = 0;
    int token = 0;
};

/// A free key slot and a free token. A Problem that says how to make room.
Outcome<Places> free_places(const Volume& volume);

}  // namespace hsm4::enroll
