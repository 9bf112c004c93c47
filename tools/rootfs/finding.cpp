// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Findings and their severity.
#include "tools/rootfs/finding.hpp"

#include <algorithm>

namespace hsm4::rootfs {

const char* name_of(Severity severity) noexcept {
    switch (severity) {
        case Severity::good: return "good";
        case Severity::note: return "note";
        case Severity::warning: return "warning";
        case Severity::refusal: return "refusal";
    }
    return "";
}

bool Findings::refused() const noexcept {
    return std::ranges::any_of(
        list_, [](const Finding& finding) { return finding.severity == Severity::refusal; });
}

}  // namespace hsm4::rootfs
