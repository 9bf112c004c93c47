// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What a program that handles keys sees to before anything else.
#pragma once

namespace hsm4::enroll {

/// Keys of this process reach neither swap nor a core dump. Best effort: a small machine may not
/// let it lock memory.
void keep_secrets_in_memory();

/// Standard output of a service goes into the journal, where a key would stay.
bool output_is_logged();

}  // namespace hsm4::enroll
