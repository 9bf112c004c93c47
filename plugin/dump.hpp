// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What luksDump shows of a token.
#pragma once

#include <string>
#include <string_view>

namespace hsm4::plugin {

/// Lines in luksDump's manner, each ended. For a token that does not parse, one line that says why.
std::string dump_text(std::string_view json);

}  // namespace hsm4::plugin
