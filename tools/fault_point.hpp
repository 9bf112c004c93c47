// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A seam for tests that kill a tool between two of its writing steps. Empty unless the build has
// the option `fault_points`.
#pragma once

namespace hsm4 {

#ifdef HSM4_FAULT_POINTS
/// Stands before each writing step. HSM4_FAULT_POINT=N[:SIGNAL] raises SIGNAL (SIGKILL by default)
/// at the N-th call of the process, counted from 1.
void fault_point() noexcept;
#else
inline void fault_point() noexcept {}
#endif

}  // namespace hsm4
