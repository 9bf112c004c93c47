// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Checks of firmware, kernels, programs, swap and the machine itself.
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tools/rootfs/boot_files.hpp"
#include "tools/rootfs/kernels.hpp"
#include "tools/rootfs/preflight.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t least_memory = 400 * mebibyte;  // what a Pi with 512 MiB leaves to Linux

std::string boot_path(const Preflight& preflight) {
    return preflight.request.root + preflight.layout->boot.mount + '/';
}

/// A firmware that boots without initramfs cannot unlock anything.
void check_initramfs_choice(Findings& findings, const FirmwareChoice& choice) {
    for (const std::string& name : choice.absent)
        findings.refuse("firmware", "config.txt names " + name + ", which is not there",
                        "update-initramfs -u -k all");
    for (const std::string& kernel : choice.unserved)
        findings.refuse("firmware", "the firmware would start " + kernel + " without an initramfs",
                        "write auto_initramfs=1 into config.txt, then update-initramfs -u -k all");
    if (choice.absent.empty() && choice.unserved.empty() && choice.initramfses.empty())
        findings.refuse("firmware", "the boot partition has neither kernel nor initramfs",
                        "boot files must lie where config.txt does");
    for (const std::string& name : choice.initramfses)
        findings.good("firmware", "the firmware loads " + name);
}

void check_command_line(Findings& findings, const std::string& line) {
    if (value_of(line, "root").empty())
        findings.refuse("command-line", "cmdline.txt has no root=", "restore it from a backup");
    if (const std::string resume = value_of(line, "resume"); !resume.empty())
        findings.refuse("hibernation", "the machine may wake from " + resume,
                        "remove resume= from cmdline.txt: a sleeping root cannot be converted");
    if (has_word(line, "splash"))
        findings.note("command-line", "splash will be removed, so that prompts can be seen");
}

std::vector<std::string> needed_modules(const Preflight& preflight) {
    std::vector<std::string> needed{"dm-mod", "dm-crypt"};
    if (!preflight.request.moves) needed.insert(needed.end(), {"dm-snapshot", "loop"});
    needed.insert(needed.end(), {"vfat", "ext4"});
    if (preflight.cipher)
        needed.insert(needed.end(), preflight.cipher->modules.begin(),
                      preflight.cipher->modules.end());
    return needed;
}

bool has_program(const std::string& root, const std::string& name) {
    static constexpr std::array directories{"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};
    std::error_code failed;
    for (const char* directory : directories)
        if (fs::exists(fs::path{root + directory} / name, failed)) return true;
    return false;
}

/// A figure of /proc/meminfo in bytes; 0 when it is not there.
std::uint64_t memory_figure(const std::string& proc, const std::string& name) {
    std::ifstream lines{proc + "/meminfo"};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::string word;
        std::uint64_t kibibytes = 0;
        if (words >> word >> kibibytes && word == name + ':') return kibibytes << 10;
    }
    return 0;
}

void check_power(Findings& findings, const Machine& machine) {
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator{machine.sys + "/class/power_supply", failed})
        if (first_line(entry.path() / "type") == "Battery" &&
            first_line(entry.path() / "status") == "Discharging")
            findings.warn("power", "the machine runs on its battery", "connect its power supply");
    for (const auto& entry : fs::directory_iterator{machine.sys + "/class/hwmon", failed})
        if (first_line(entry.path() / "name") == "rpi_volt" &&
            first_line(entry.path() / "in0_lcrit_alarm") == "1")
            findings.warn("power", "the board's supply voltage has been too low",
                          "use a stronger power supply");
}

}  // namespace

void check_firmware(Preflight& preflight) {
    if (!preflight.layout) return;
    const std::string directory = boot_path(preflight);
    const auto config = whole_text(directory + "config.txt");
    const auto line = whole_text(directory + "cmdline.txt");
    if (!config || !line) {
        preflight.findings.refuse("firmware",
                                  preflight.layout->boot.mount +
                                      " has no config.txt and cmdline.txt: no Raspberry Pi boots "
                                      "from it",
                                  {});
        return;
    }
    check_initramfs_choice(preflight.findings,
                           choose_initramfs(parse_firmware_config(*config), names_in(directory)));
    check_command_line(preflight.findings, *line);
}

void check_kernels(Preflight& preflight) {
    const auto versions = installed_kernels(preflight.request.root);
    if (versions.empty())
        preflight.findings.refuse("kernels", "no installed kernel was found in /boot",
                                  "install a kernel package");
    for (const std::string& version : versions) {
        const auto missing =
            missing_modules(preflight.request.root, version, needed_modules(preflight));
        if (missing.empty()) {
            preflight.findings.good("kernels", version + " has every module that is needed");
            continue;
        }
        preflight.findings.refuse("kernels", "kernel " + version + " lacks " + joined(missing),
                                  "remove this kernel, or install its modules");
    }
}

void check_programs(Preflight& preflight) {
    std::vector<std::string> missing;
    std::vector<const char*> needed{"cryptsetup"};
    if (preflight.request.moves)
        needed.insert(needed.end(), {"rsync", "mkfs.ext4"});
    else
        needed.insert(needed.end(), {"dmsetup", "e2fsck", "resize2fs"});
    for (const char* name : needed)
        if (!has_program(preflight.request.root, name)) missing.emplace_back(name);
    if (!missing.empty())
        preflight.findings.refuse("programs", "not installed: " + joined(missing),
                                  preflight.request.moves
                                      ? "apt-get install cryptsetup-bin e2fsprogs rsync"
                                      : "apt-get install cryptsetup-bin dmsetup e2fsprogs");
    if (!has_program(preflight.request.root, "update-initramfs"))
        preflight.findings.refuse("programs", "initramfs-tools is not installed",
                                  "apt-get install initramfs-tools cryptsetup-initramfs");
}

void check_swap(Preflight& preflight) {
    std::ifstream lines{preflight.request.machine.proc + "/swaps"};
    std::string line;
    std::getline(lines, line);  // the heading
    while (std::getline(lines, line)) {
        std::istringstream words{line};
        std::string path;
        std::string type;
        words >> path >> type;
        const bool in_memory = path.starts_with("/dev/zram");
        if (type == "partition" && !in_memory)
            preflight.findings.warn("swap", "swap on " + path + " stays in the clear",
                                    "swapoff " + path +
                                        ", or encrypt it with a random key "
                                        "(crypttab(5), option swap)");
    }
    const auto resume =
        whole_text(preflight.request.root + "/etc/initramfs-tools/conf.d/resume").value_or("");
    const std::string device = value_of(resume, "RESUME");
    if (!device.empty() && device != "none" && device != "auto")
        preflight.findings.refuse("hibernation", "the machine may wake from " + device,
                                  "write RESUME=none into /etc/initramfs-tools/conf.d/resume: a "
                                  "sleeping root cannot be converted");
}

void check_machine(Preflight& preflight) {
    const Machine& machine = preflight.request.machine;
    const std::uint64_t memory = memory_figure(machine.proc, "MemTotal");
    if (memory < least_memory)
        preflight.findings.warn("memory",
                                "the machine has " + in_units(memory) + " of memory; " +
                                    in_units(least_memory) + " are what it is meant for",
                                "stop what runs beside it");
    check_power(preflight.findings, machine);
}

void check_cipher(Preflight& preflight) {
    const std::string& wanted = preflight.request.cipher;
    auto cipher = wanted.empty()
                      ? Outcome<Cipher>{cipher_for_cpu(
                            whole_text(preflight.request.machine.proc + "/cpuinfo").value_or(""))}
                      : cipher_by_name(wanted);
    if (!cipher) {
        preflight.findings.refuse("cipher", cipher.error().text, {});
        return;
    }
    preflight.cipher = *cipher;
    preflight.findings.good("cipher", cipher->algorithm + '-' + cipher->mode);
}

}  // namespace hsm4::rootfs
