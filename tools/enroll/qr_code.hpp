// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A QR code for a terminal.
#pragma once

#include "hsm4/secret.hpp"

namespace hsm4::enroll {

/// Prints `text` as a QR code on standard output, two modules a character.
void print_qr_code(View text);

}  // namespace hsm4::enroll
