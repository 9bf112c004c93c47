// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Key files, read as cryptsetup reads them.
#pragma once

#include <string>

#include "hsm4/secret.hpp"
#include "tools/enroll/problem.hpp"

namespace hsm4::enroll {

/// The whole file, line ends included, as `cryptsetup --key-file` takes it; "-" is standard input.
Outcome<SecretBytes> read_key_file(const std::string& path);

}  // namespace hsm4::enroll
