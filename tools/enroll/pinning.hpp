// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The volume's bindings in hsm4.conf. A binding is pinned before its token exists and unpinned
// after its token is gone, so no crash leaves the host refusing its own volume; each run ends with
// exactly the bindings of the tokens that are there, so no stale one stays accepted.
#pragma once

#include "hsm4/config.hpp"
#include "hsm4/volume_binding.hpp"
#include "tools/enroll/volume.hpp"

namespace hsm4::enroll {

class Pinning {
public:
    /// Of `volume`, as `config` (read from `path`) has it.
    Pinning(std::string path, const Config& config, const Volume& volume);

    /// Accepts `binding` in addition to what is accepted now.
    Done admit(const VolumeBinding& binding);
    /// Keeps the accepted bindings of tokens that `volume` has, and drops the rest.
    Done settle(const Volume& volume);
    /// Whether the volume was pinned at first.
    bool was_pinned() const noexcept { return !pinned_.empty(); }
    /// As it was before admit().
    Done restore();

private:
    Done save(std::vector<VolumeBinding> bindings);

    std::string path_;
    std::string uuid_;
    Config config_;
    std::vector<VolumeBinding> pinned_;    ///< in the file at first
    std::vector<VolumeBinding> saved_;     ///< in the file now
    std::vector<VolumeBinding> accepted_;  ///< pinned, or of a token of an unpinned volume
};

}  // namespace hsm4::enroll
