// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The configuration file hsm4.conf(5): what the administrator set, and what bind and enrol pinned.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hsm4/bytes.hpp"
#include "hsm4/identity.hpp"
#include "hsm4/module.hpp"

namespace hsm4 {

/// Section [binding]: the module that this host is bound to, written by `hsm4ctl bind`.
struct BindingConfig {
    ModuleKeys module;
    std::uint8_t slot = 0;
    Array<32> salt{};                   ///< of the module, for the pre-shared key
    std::vector<Component> components;  ///< what is measured, by stable paths
    bool data_only = false;  ///< a component lies on the root file system: no use for a root volume
};

struct Config {
    std::string device;             ///< a URI, or empty: the backend's default
    std::chrono::seconds wait{10};  ///< for hardware that appears late; 0 to 600
    bool strict = false;            ///< boot scripts open pinned volumes only
    std::optional<BindingConfig> binding;
    /// LUKS UUID (lower case) to the volume bindings that are accepted for it.
    std::map<std::string, std::vector<VolumeBinding>> volumes;
};

/// HSM4_CONFIG (by secure_getenv) or /etc/hsm4/hsm4.conf.
std::string config_path();

/// Reads `path`. No file: defaults. `bad_config` (detail = line) for anything that is not
/// understood.
Result<Config> load_config(const std::string& path);

/// Replaces or removes (empty optional) one section, and keeps every other line as it stands.
/// Durable: write to a new file, fsync, rename, fsync of the directory. The directory is made
/// (0755) when missing; the file's mode is kept, or 0644. `io` with errno.
/// The same write sets the top-level `device`, when given; an empty one removes the line.
Status save_binding(const std::string& path, const std::optional<BindingConfig>& binding,
                    const std::optional<std::string>& device = std::nullopt);
/// `bindings` empty: the section of this volume is removed.
Status save_volume_pins(const std::string& path, const std::string& uuid,
                        const std::vector<VolumeBinding>& bindings);

}  // namespace hsm4
