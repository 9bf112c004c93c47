// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the doctor's checks look at, and what earlier checks have established for later ones.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hsm4/config.hpp"
#include "hsm4/identity.hpp"
#include "hsm4/uri.hpp"
#include "tools/ctl/doctor/finding.hpp"
#include "tools/ctl/options.hpp"

namespace hsm4::ctl::doctor {

struct Checkup {
    const Options& options;
    std::string root;  ///< the system under examination lies here; empty: this one
    Machine machine;
    std::string config_file;
    std::vector<std::string> volumes{};  ///< devices that the next boot must open
    std::optional<Config> config{};      ///< when it could be read
    std::optional<Uri> uri{};            ///< when one could be chosen
    bool module_answers = false;         ///< and is in a state that serves
    bool in_production = false;          ///< a Zymbit module, or nobody knows: each part counts
    bool must_not_try = false;           ///< another program owns the module
    bool binding_proven = false;         ///< module and host have agreed just now
    bool boot_needs_module = false;      ///< one of the volumes has a token of ours
    std::vector<std::string> cipher_modules{};  ///< of the kernel, for such volumes
    std::vector<Finding> findings{};

    /// The module is one of the vendor's.
    bool is_vendors() const { return uri && uri->backend() == std::string_view{"zymbit"}; }

    void good(const char* check, std::string what) {
        findings.push_back({Severity::good, check, std::move(what), {}, {}});
    }
    void add(Severity severity, const char* check, std::string what, std::string why,
             std::string command) {
        findings.push_back({severity, check, std::move(what), std::move(why), std::move(command)});
    }
};

// One file each; called in this order.
void check_config(Checkup& checkup);
void check_bus(Checkup& checkup);
void check_module(Checkup& checkup);
void check_vendor(Checkup& checkup);
void check_binding(Checkup& checkup);
void check_plugin(Checkup& checkup);
void check_volumes(Checkup& checkup);
void check_initramfs(Checkup& checkup);
void check_vendor_setup(Checkup& checkup);

/// check_module() of a Zymbit module.
void check_vendor_module(Checkup& checkup);

}  // namespace hsm4::ctl::doctor
