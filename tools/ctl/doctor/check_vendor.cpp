// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A Zymbit module: does it serve, and is what it needs of this system there?
#include <sys/utsname.h>

#include <charconv>

#include "hsm4/connect/connect.hpp"
#include "hsm4/describe.hpp"
#include "hsm4/zymbit/vendor_files.hpp"
#include "tools/ctl/doctor/checkup.hpp"
#include "tools/ctl/doctor/text.hpp"
#include "tools/ctl/doctor/vendor_system.hpp"
#include "tools/ctl/host.hpp"

namespace hsm4::ctl::doctor {

namespace {

bool daemon_runs(const Checkup& checkup) {
    zymbit::VendorFiles files;
    files.proc = checkup.machine.proc;
    return zymbit::zkifc_runs(files);
}

/// Since Linux 6.6 the first GPIO is no longer number 0.
bool counts_from_512(std::string_view kernel) {
    int major = 0;
    int minor = 0;
    const char* end = kernel.data() + kernel.size();
    const char* dot = std::from_chars(kernel.data(), end, major).ptr;
    if (dot == end || *dot != '.') return false;
    std::from_chars(dot + 1, end, minor);
    return major > 6 || (major == 6 && minor >= 6);
}

std::string running_kernel() {
    utsname names{};
    return ::uname(&names) == 0 ? names.release : "";
}

/// The kernel whose GPIO numbers count: the newest of another system.
std::string kernel_of(const Checkup& checkup) {
    if (checkup.root.empty()) return running_kernel();
    const auto installed = entries_of(checkup.root + "/lib/modules");
    return installed.empty() ? "" : installed.back().filename().string();
}

void check_daemon(Checkup& checkup) {
    if (daemon_runs(checkup)) return;
    checkup.add(Severity::warning, "zymbit-zkifc", "the vendor's daemon zkifc does not run",
                "without it the running system cannot reach the module by its library",
                "systemctl start zkifc; journalctl -u zkifc");
}

void check_salt(Checkup& checkup) {
    if (!salts(checkup.root).empty()) return;
    checkup.add(checkup.in_production ? Severity::failure : Severity::warning, "zymbit-salt",
                std::string{"no s1_fp_salt.bin lies below "} + vendor_state,
                "a module in production accepts this host by no other",
                "restore /var/lib/zymbit from its backup, then systemctl restart zkifc");
}

void check_wake_pin(Checkup& checkup) {
    const auto pin = wake_pin(checkup.root);
    const auto wanted = number_of_gpio4(checkup.root);
    const bool counts = counts_from_512(kernel_of(checkup)) && is_raspberry_pi(checkup.root);
    // Kernels that count from 0 have the vendor's default, 4.
    const bool wrong = wanted ? pin.value_or("4") != *wanted : counts && pin.value_or("4") == "4";
    if (!wrong) return;
    const std::string number = wanted.value_or("the number of GPIO4 in /sys/kernel/debug/gpio");
    checkup.add(Severity::failure, "zymbit-wake-pin",
                pin ? "wake pin " + *pin + " in zkenv.conf is not this kernel's GPIO4"
                    : "zkenv.conf sets no wake pin",
                "the module does not wake, and its LED flashes five times a second",
                "set ZK_GPIO_WAKE_PIN=" + number +
                    " in /var/lib/zymbit/zkenv.conf; systemctl restart zkifc; update-initramfs -u "
                    "-k all");
}

void check_governor(Checkup& checkup) {
    const auto governor =
        read_text(checkup.root + "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor");
    if (!governor || !governor->starts_with("ondemand")) return;
    checkup.add(Severity::warning, "zymbit-governor", "the CPU governor is ondemand",
                "it disturbs the bus to the module",
                "echo performance > /sys/devices/system/cpu/cpufreq/policy0/scaling_governor (and "
                "for good: cpufrequtils)");
}

void judge(Checkup& checkup, const ModuleStatus& status) {
    checkup.in_production = status.life_cycle != LifeCycle::development;
    checkup.module_answers = status.secure;
    if (!status.secure)
        checkup.add(Severity::failure, "module",
                    checkup.in_production && status.life_cycle != LifeCycle::unbound
                        ? "the module is locked to another board, card or salt"
                        : "the module is not bound",
                    "it unlocks nothing",
                    "look at its LED, and at journalctl -u zkifc; restore /var/lib/zymbit if it "
                    "was changed");
    else
        checkup.good("module", std::string{"answers, "} + life_cycle_name(status.life_cycle));
    if (status.tampered)
        checkup.add(Severity::warning, "module", "the module's perimeter was opened",
                    "somebody may have been at the device", "hsm4ctl events list");
    if (status.secure && status.life_cycle == LifeCycle::development)
        checkup.add(Severity::note, "module", "the module is in development",
                    "it unlocks with another board or card as well",
                    "the vendor's own software ends that, for good");
}

/// The programs drive the module themselves, and so nothing of ours may while the daemon does.
bool is_kept_from_trying(Checkup& checkup) {
    if (checkup.uri->kind != Uri::Kind::zymbit_exec || !daemon_runs(checkup)) return false;
    checkup.add(Severity::warning, "config",
                "device = " + to_text(*checkup.uri) + " cannot be tried while zkifc runs",
                "only the initramfs can use it, and hsm4-enroll cannot",
                "set device = zymbit: in hsm4.conf, which chooses");
    return true;
}

}  // namespace

void check_vendor_module(Checkup& checkup) {
    checkup.in_production = true;  // until the module says otherwise
    if (is_kept_from_trying(checkup)) {
        checkup.must_not_try = true;
        return;
    }
    SystemClock clock;
    auto module = connect(*checkup.uri, *checkup.config, Proof::not_needed, clock, call_budget);
    auto status = module ? (*module)->status() : Result<ModuleStatus>{module.error()};
    if (status)
        judge(checkup, *status);
    else
        checkup.add(Severity::failure, "module", describe(status.error()),
                    "without the module nothing unlocks", "hsm4ctl status; journalctl -u zkifc");
}

void check_vendor(Checkup& checkup) {
    if (!checkup.is_vendors()) return;
    check_daemon(checkup);
    check_salt(checkup);
    check_wake_pin(checkup);
    check_governor(checkup);
}

}  // namespace hsm4::ctl::doctor
