// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the module thinks of the tokens in a volume's header.
#pragma once

#include <optional>
#include <string>

#include "hsm4/config.hpp"
#include "hsm4/module.hpp"

namespace hsm4::ctl {

struct VolumeState {
    std::string uuid;                     ///< lower case
    std::optional<std::uint32_t> newest;  ///< generation of its newest live token, if any
};

/// Reads the LUKS2 header on `path` (a device, an image, or a detached header) and asks the module
/// about each of its tokens that is this host's. `bad_volume` when there is no such header.
Result<VolumeState> examine_volume(const std::string& path, const Config& config, Module& module);

}  // namespace hsm4::ctl
