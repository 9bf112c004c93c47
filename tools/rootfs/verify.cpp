// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Looking into initramfs files.
#include "tools/rootfs/verify.hpp"

#include "tools/ctl/doctor/unpacked_initramfs.hpp"
#include "tools/rootfs/boot_files.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace {

using ctl::doctor::UnpackedInitramfs;

std::vector<std::string> missing_in(const UnpackedInitramfs& image, const Order& order,
                                    const Cipher& cipher) {
    std::vector<std::string> missing;
    const auto copy = image.at(std::string{order_path}.substr(1));
    if (!copy || whole_text(*copy) != to_json(order)) missing.emplace_back("the order");
    for (const char* path : {"scripts/init-premount/hsm4-rootfs", "usr/sbin/hsm4-rootfs"})
        if (!image.at(path)) missing.emplace_back(path);
    std::vector<const char*> programs{"cryptsetup", "askpass", "libcryptsetup-token-hsm4.so"};
    std::vector<std::string> modules{"dm-crypt", "vfat", "ext4"};
    if (order.moves()) {
        programs.push_back("rsync");
    } else {
        programs.insert(programs.end(), {"e2fsck", "resize2fs", "dmsetup"});
        modules.insert(modules.end(), {"dm-snapshot", "loop"});
    }
    for (const char* name : programs)
        if (!image.find(name)) missing.emplace_back(name);
    modules.insert(modules.end(), cipher.modules.begin(), cipher.modules.end());
    for (const std::string& module : modules)
        if (!image.has_module(module)) missing.push_back("module " + module);
    return missing;
}

}  // namespace

Done verify_initramfs(const Order& order, const Cipher& cipher) {
    const std::string directory = order.boot_mount + '/';
    const auto config = whole_text(directory + "config.txt");
    if (!config) return Problem{directory + "config.txt cannot be read"};
    const FirmwareChoice choice =
        choose_initramfs(parse_firmware_config(*config), names_in(directory));
    if (choice.initramfses.empty()) return Problem{"the firmware would load no initramfs"};
    for (const std::string& name : choice.initramfses) {
        auto image = UnpackedInitramfs::unpack(directory + name);
        if (!image)
            return Problem{directory + name +
                           " cannot be unpacked: " + Problem{image.error()}.text};
        const auto missing = missing_in(*image, order, cipher);
        if (!missing.empty())
            return Problem{directory + name + " lacks " + joined(missing) +
                           "; does update-initramfs write it there?"};
    }
    return done();
}

}  // namespace hsm4::rootfs
