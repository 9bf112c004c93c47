// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// The checks before a conversion, on systems made of files.
#include <algorithm>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/fake_pi.hpp"
#include "tools/rootfs/boot_files.hpp"

namespace rootfs = hsm4::rootfs;
using rootfs::Preflight;
using rootfs::Severity;

namespace {

/// Everything but the module.
Preflight examine(const FakePi& pi) {
    Preflight preflight{pi.request};
    rootfs::check_layout(preflight);
    rootfs::check_file_system(preflight);
    rootfs::check_cipher(preflight);
    rootfs::check_boot_space(preflight);
    rootfs::check_firmware(preflight);
    rootfs::check_kernels(preflight);
    rootfs::check_programs(preflight);
    rootfs::check_swap(preflight);
    rootfs::check_machine(preflight);
    return preflight;
}

bool has(const Preflight& preflight, Severity severity, const char* check,
         const std::string& text) {
    return std::ranges::any_of(preflight.findings.list(), [&](const rootfs::Finding& finding) {
        return finding.severity == severity && std::string{finding.check} == check &&
               finding.what.find(text) != std::string::npos;
    });
}

bool refuses(const FakePi& pi, const char* check, const std::string& text) {
    return has(examine(pi), Severity::refusal, check, text);
}

bool warns(const FakePi& pi, const char* check, const std::string& text) {
    const Preflight preflight = examine(pi);
    return has(preflight, Severity::warning, check, text) && !preflight.findings.refused();
}

}  // namespace

static void a_plain_pi_can_be_converted(void** /*state*/) {
    const FakePi pi;
    const Preflight preflight = examine(pi);
    for (const rootfs::Finding& finding : preflight.findings.list())
        if (finding.severity != Severity::good) print_message("# %s\n", finding.what.c_str());
    assert_false(preflight.findings.refused());
    assert_true(preflight.plan && preflight.plan->used == 1ULL << 30);
    assert_string_equal(preflight.cipher->mode.c_str(), "adiantum-plain64");
    assert_true(has(preflight, Severity::good, "firmware", "initramfs_2712"));
}

static void a_cpu_with_aes_gets_aes(void** /*state*/) {
    FakePi pi;
    pi.write("proc/cpuinfo", "processor: 0\nFeatures\t: fp asimd aes pmull\n");
    assert_string_equal(examine(pi).cipher->algorithm.c_str(), "aes");
    pi.request.cipher = "adiantum";
    assert_string_equal(examine(pi).cipher->algorithm.c_str(), "xchacha12,aes");
    pi.request.cipher = "rot13";
    assert_true(refuses(pi, "cipher", "aes or adiantum"));
}

static void what_lies_on_the_partition_counts(void** /*state*/) {
    const FakePi pi;
    pi.write("dev/mmcblk0p2", std::string("LUKS\xba\xbe") + std::string(4096, '\0'));
    assert_true(refuses(pi, "file-system", "LUKS"));
    pi.write("dev/mmcblk0p2", ext4_start(1048576, 786432, 3));
    assert_true(refuses(pi, "file-system", "damaged"));
    pi.write("dev/mmcblk0p2", ext4_start(1048576, 100));
    assert_true(refuses(pi, "space", "free space"));
    pi.write("dev/mmcblk0p2", ext4_start(2097152, 2000000));
    assert_true(refuses(pi, "space", "beyond its partition"));
    std::filesystem::remove(pi.path("dev/mmcblk0p2"));
    assert_true(refuses(pi, "file-system", "cannot be read"));
}

static void each_kernel_that_the_firmware_may_start_needs_an_initramfs(void** /*state*/) {
    const FakePi pi;
    std::filesystem::remove(pi.path("root/boot/firmware/initramfs_2712"));
    assert_true(refuses(pi, "firmware", "kernel_2712.img without an initramfs"));
    pi.write("root/boot/firmware/config.txt", "arm_64bit=1\n#auto_initramfs=1\n");
    assert_true(refuses(pi, "firmware", "kernel8.img without"));
    pi.write("root/boot/firmware/config.txt", "initramfs initrd.img followkernel\n");
    assert_true(refuses(pi, "firmware", "initrd.img, which is not there"));
    pi.write("root/boot/firmware/initrd.img", "x");
    assert_false(examine(pi).findings.refused());
    std::filesystem::remove(pi.path("root/boot/firmware/config.txt"));
    assert_true(refuses(pi, "firmware", "no config.txt"));
}

static void each_kernel_needs_the_modules(void** /*state*/) {
    const FakePi pi;
    pi.install_kernel("6.12.0-v8", "kernel/drivers/md/dm-mod.ko:\n");
    assert_true(refuses(pi, "kernels", "6.12.0-v8 lacks dm-crypt, dm-snapshot, loop"));
    // Modules that an earlier kernel left behind count for nothing.
    std::filesystem::remove(pi.path("root/boot/vmlinuz-6.12.0-v8"));
    assert_false(examine(pi).findings.refused());
    std::filesystem::remove(pi.path("root/boot/vmlinuz-6.6.1-v8"));
    assert_true(refuses(pi, "kernels", "no installed kernel"));
}

static void a_root_that_moves_needs_rsync_and_no_snapshots(void** /*state*/) {
    FakePi pi;
    pi.request.moves = true;
    assert_true(refuses(pi, "programs", "rsync, mkfs.ext4"));
    pi.write("root/usr/bin/rsync", "");
    pi.write("root/usr/sbin/mkfs.ext4", "");
    assert_false(examine(pi).findings.refused());
    pi.install_kernel("6.12.0-v8", "kernel/drivers/md/dm-mod.ko:\n");
    assert_true(refuses(pi, "kernels", "6.12.0-v8 lacks dm-crypt, vfat"));
}

static void missing_programs_are_named(void** /*state*/) {
    const FakePi pi;
    std::filesystem::remove(pi.path("root/usr/sbin/resize2fs"));
    assert_true(refuses(pi, "programs", "resize2fs"));
    std::filesystem::remove(pi.path("root/usr/sbin/update-initramfs"));
    assert_true(refuses(pi, "programs", "initramfs-tools"));
}

static void a_machine_that_may_wake_is_refused(void** /*state*/) {
    const FakePi pi;
    pi.write("root/boot/firmware/cmdline.txt", "root=/dev/x resume=/dev/mmcblk0p3\n");
    assert_true(refuses(pi, "hibernation", "/dev/mmcblk0p3"));
    pi.write("root/boot/firmware/cmdline.txt", "root=/dev/x quiet splash\n");
    assert_true(has(examine(pi), Severity::note, "command-line", "splash"));
    pi.write("root/etc/initramfs-tools/conf.d/resume", "RESUME=UUID=1234\n");
    assert_true(refuses(pi, "hibernation", "UUID=1234"));
    pi.write("root/etc/initramfs-tools/conf.d/resume", "RESUME=none\n");
    assert_false(examine(pi).findings.refused());
}

static void swap_in_the_clear_is_a_warning(void** /*state*/) {
    const FakePi pi;
    pi.write("proc/swaps",
             "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 100\n"
             "/var/swap file 1 0 -2\n");
    assert_false(has(examine(pi), Severity::warning, "swap", ""));
    pi.write("proc/swaps", "Filename Type Size Used Priority\n/dev/mmcblk0p3 partition 1 0 -2\n");
    assert_true(warns(pi, "swap", "/dev/mmcblk0p3"));
}

static void little_memory_and_weak_power_are_warnings(void** /*state*/) {
    const FakePi pi;
    pi.write("proc/meminfo", "MemTotal: 240000 kB\n");
    assert_true(warns(pi, "memory", "234 MiB"));
    pi.write("sys/class/hwmon/hwmon0/name", "rpi_volt\n");
    pi.write("sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1\n");
    assert_true(warns(pi, "power", "voltage"));
    pi.write("sys/class/power_supply/BAT0/type", "Battery\n");
    pi.write("sys/class/power_supply/BAT0/status", "Discharging\n");
    assert_true(warns(pi, "power", "battery"));
}

static void the_boot_partition_needs_room_for_header_and_store(void** /*state*/) {
    assert_true(rootfs::boot_space_needed(0) >= 2 * rootfs::header_size + 64 * rootfs::mebibyte);
    assert_true(rootfs::boot_space_needed(40) == rootfs::boot_space_needed(0) + 50);
}

static void the_command_line_keeps_everything_else(void** /*state*/) {
    const std::string line =
        "console=tty1 root=PARTUUID=1-02  rootfstype=ext4 quiet splash resume=/dev/x rootwait\n";
    assert_string_equal(rootfs::for_encrypted_root(line, "/dev/mapper/root").c_str(),
                        "console=tty1 root=/dev/mapper/root rootfstype=ext4 quiet rootwait\n");
    assert_string_equal(rootfs::for_encrypted_root("", "/dev/mapper/root").c_str(),
                        "root=/dev/mapper/root\n");
    // Twice makes no difference.
    const std::string once = rootfs::for_encrypted_root(line, "/dev/mapper/root");
    assert_string_equal(rootfs::for_encrypted_root(once, "/dev/mapper/root").c_str(), once.c_str());
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_pi_can_be_converted),
        cmocka_unit_test(a_cpu_with_aes_gets_aes),
        cmocka_unit_test(what_lies_on_the_partition_counts),
        cmocka_unit_test(each_kernel_that_the_firmware_may_start_needs_an_initramfs),
        cmocka_unit_test(each_kernel_needs_the_modules),
        cmocka_unit_test(a_root_that_moves_needs_rsync_and_no_snapshots),
        cmocka_unit_test(missing_programs_are_named),
        cmocka_unit_test(a_machine_that_may_wake_is_refused),
        cmocka_unit_test(swap_in_the_clear_is_a_warning),
        cmocka_unit_test(little_memory_and_weak_power_are_warnings),
        cmocka_unit_test(the_boot_partition_needs_room_for_header_and_store),
        cmocka_unit_test(the_command_line_keeps_everything_else),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
