// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// A Raspberry Pi with a plain root on its SD card, made of files.
#pragma once

#include <filesystem>
#include <string>

#include "tests/unit/scratch_directory.hpp"
#include "tools/rootfs/preflight.hpp"

/// The first 2 KiB of an ext4 file system with 4 KiB blocks.
inline std::string ext4_start(std::uint32_t blocks, std::uint32_t free_blocks,
                              unsigned char state = 1) {
    std::string start(2048, '\0');
    const auto put = [&](std::size_t offset, std::uint32_t value, std::size_t size) {
        for (std::size_t at = 0; at < size; ++at)
            start[1024 + offset + at] = static_cast<char>(value >> (8 * at) & 0xFF);
    };
    put(0x04, blocks, 4);
    put(0x0C, free_blocks, 4);
    put(0x18, 2, 4);
    put(0x38, 0xEF53, 2);
    put(0x3A, state, 2);
    put(0x60, 0x2C2, 4);  // file types, extents, 64 bit, flexible block groups
    return start;
}

class FakePi : public ScratchDirectory {
public:
    FakePi() {
        request.root = path("root");
        request.machine = {path("sys"), path("proc"), path("dev")};
        mount_root("22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw\n");
        const std::string disk = "sys/devices/soc/mmc0/mmc0:aaaa/block/mmcblk0";
        for (const char* number : {"1", "2"}) {
            const std::string part = disk + "/mmcblk0p" + number;
            write(part + "/partition", std::string{number} + '\n');
            link("sys/dev/block/179:" + std::string{number}, path(part));
        }
        write(disk + "/mmcblk0p1/size", "1048576\n");
        write(disk + "/mmcblk0p2/size", "8388608\n");  // 4 GiB
        write("dev/mmcblk0p2", ext4_start(1048576, 786432));
        write("proc/cpuinfo", "Features\t: fp asimd evtstrm crc32 cpuid\n");
        write("proc/meminfo", "MemTotal:         948280 kB\nMemFree: 1 kB\n");
        write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        write("root/boot/firmware/config.txt", "arm_64bit=1\nauto_initramfs=1 # always\n");
        write("root/boot/firmware/cmdline.txt", "console=tty1 root=PARTUUID=1-02 rootwait\n");
        for (const char* file : {"kernel8.img", "initramfs8", "kernel_2712.img", "initramfs_2712"})
            write(std::string{"root/boot/firmware/"} + file, "x");
        install_kernel("6.6.1-v8", modules);
        for (const char* program : {"sbin/cryptsetup", "sbin/dmsetup", "sbin/e2fsck",
                                    "sbin/resize2fs", "sbin/update-initramfs"})
            write(std::string{"root/usr/"} + program, "");
    }

    void mount_root(const std::string& line) const {
        write("proc/self/mountinfo",
              line + "30 22 179:1 / /boot/firmware rw - vfat /dev/mmcblk0p1 rw\n");
    }
    void install_kernel(const std::string& version, const std::string& dependencies) const {
        write("root/boot/vmlinuz-" + version, "");
        write("root/lib/modules/" + version + "/modules.builtin", "kernel/fs/ext4/ext4.ko\n");
        write("root/lib/modules/" + version + "/modules.dep", dependencies);
    }

    static constexpr const char* modules =
        "kernel/drivers/md/dm-mod.ko.xz:\nkernel/drivers/md/dm-crypt.ko.xz: kernel/a.ko.xz\n"
        "kernel/drivers/md/dm-snapshot.ko:\nkernel/drivers/block/loop.ko:\n"
        "kernel/fs/fat/vfat.ko:\nkernel/crypto/adiantum.ko:\nkernel/crypto/chacha_generic.ko:\n"
        "kernel/crypto/nhpoly1305.ko:\n"
        "kernel/crypto/xts.ko:\n";
    hsm4::rootfs::Request request;
};
