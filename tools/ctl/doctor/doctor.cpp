// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The doctor's round.
#include "tools/ctl/doctor/doctor.hpp"

#include <array>

#include "tools/ctl/doctor/boot_volumes.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/self_test.hpp"

namespace hsm4::ctl {

namespace {

using doctor::Checkup;

constexpr std::array checks{
    doctor::check_config,  doctor::check_bus,       doctor::check_module,
    doctor::check_vendor,  doctor::check_binding,   doctor::check_plugin,
    doctor::check_volumes, doctor::check_initramfs, doctor::check_vendor_setup,
};

Checkup prepare(const Options& options) {
    const std::string& root = options.root;
    Checkup checkup{options,
                    root,
                    {root + "/sys", root + "/proc", root + "/dev"},
                    root.empty() ? config_path() : root + "/etc/hsm4/hsm4.conf"};
    checkup.volumes =
        options.devices.empty() ? doctor::root_volumes(checkup.machine) : options.devices;
    return checkup;
}

}  // namespace

int run_doctor(const Options& options) {
    if (options.self_test) return run_self_test(options);
    Checkup checkup = prepare(options);
    for (const auto check : checks) check(checkup);
    if (!doctor::print(checkup.findings, options.json, options.verbose)) return exit_refused;
    return doctor::exit_status(checkup.findings);
}

}  // namespace hsm4::ctl
