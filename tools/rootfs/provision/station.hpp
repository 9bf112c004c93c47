// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The module that a unit is made for: binding it, and its LED as the operator's display.
#pragma once

#include <string>
#include <vector>

#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// What the operator sees.
enum class Light {
    busy,    ///< flashes rapidly
    done,    ///< on
    failed,  ///< flashes slowly
};

class Station {
public:
    /// The unit's hsm4.conf is written at `config`; this process and its children use it from now
    /// on, and leave the running system's alone. Without `module_uri` the module is the one that
    /// the running system's hsm4.conf names.
    static Outcome<Station> open(const std::string& config, const std::string& module_uri);

    const std::string& module_uri() const noexcept { return uri_; }
    /// The id of the module that answers. A Problem when it cannot be bound.
    Outcome<std::string> new_module() const;
    /// Forgets the unit before: with another medium, its binding would be a wrong proof.
    void forget() const;
    /// hsm4ctl bind, with the disk `medium` as boot medium.
    Done bind(const std::string& medium) const;
    /// hsm4ctl bind --lock.
    Done lock() const;
    /// Nothing as long as no module is bound, which alone would obey. Best effort.
    void show(Light light) const;

private:
    Station(std::string config, std::string uri)
        : config_{std::move(config)}, uri_{std::move(uri)} {}
    Done call(std::vector<std::string> words) const;

    std::string config_;
    std::string uri_;
};

}  // namespace hsm4::rootfs
