// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Copies of a LUKS2 header.
#pragma once

#include <string>

#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

/// A copy that lives as long as this object: an unlinked file, so that a kill leaves nothing.
class HeaderBackup {
public:
    static Outcome<HeaderBackup> take(const Volume& volume);
    /// Puts the copy back when the header cannot be read any more. One that can be read is left
    /// alone: another program may have changed it for good reason.
    Done restore_if_lost(const Place& place) const;

private:
    explicit HeaderBackup(Descriptor file) : file_{std::move(file)} {}
    Descriptor file_;
};

/// A copy for the user, mode 0600. `file` must not exist yet.
Done save_header(const Volume& volume, const std::string& file);

}  // namespace hsm4::enroll
