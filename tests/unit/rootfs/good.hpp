// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// For cmocka's assertions.
#pragma once

/// Of a Result or an Outcome of any kind.
template <class Outcome>
bool good(const Outcome& outcome) {
    return static_cast<bool>(outcome);
}
