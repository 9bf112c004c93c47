// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The question before something that cannot be undone.
#pragma once

#include <string_view>

namespace hsm4::ctl {

/// Shows `consequence`, and whether the person then types `words`. False without a terminal.
bool confirm(std::string_view consequence, std::string_view words);

}  // namespace hsm4::ctl
