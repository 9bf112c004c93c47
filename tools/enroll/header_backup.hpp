// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Copies of a LUKS2 header.
#pragma once

#include <string>

#include "hsm4/bytes.hpp"
#include "tools/enroll/options.hpp"
#include "tools/enroll/report.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// A copy in memory of both copies of the header's metadata. Key material is not in it: adding a
/// key slot writes to an area that nobody uses.
class HeaderBackup {
public:
    static Outcome<HeaderBackup> take(const Volume& volume);
    /// Puts the copy back when the header cannot be read any more. One that can be read is left
    /// alone: another program may have changed it for good reason.
    Done restore_if_lost(const Place& place) const;

private:
    explicit HeaderBackup(Bytes metadata) : metadata_{std::move(metadata)} {}
    Bytes metadata_;
};

/// A copy for the user, mode 0600. `file` must not exist yet.
Done save_header(const Volume& volume, const std::string& file);
/// --header-backup, when it was given.
Done back_up(const Volume& volume, const Options& options, Report& report);

}  // namespace hsm4::enroll
