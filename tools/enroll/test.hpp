// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// --test: does the token open the volume now?
#pragma once

#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// Opens the volume by each of its hsm4 tokens without mapping it; one that does is enough.
Done test(const Volume& volume);

}  // namespace hsm4::enroll
