// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Bind mounts, chroot, update-initramfs, ssh-keygen.
#include "tools/rootfs/provision/inside.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tools/ctl/doctor/unpacked_initramfs.hpp"
#include "tools/rootfs/boot_files.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/text.hpp"

namespace hsm4::rootfs {

namespace fs = std::filesystem;

namespace {

using ctl::doctor::UnpackedInitramfs;

constexpr std::chrono::hours limit{1};  // several kernels on a slow card
constexpr const char* config_in_image = "etc/hsm4/hsm4.conf";

/// What is missing in an initramfs, by names that a person understands.
std::vector<std::string> missing_in(const UnpackedInitramfs& image, const std::string& root,
                                    const Personal& personal, const Cipher& cipher) {
    std::vector<std::string> missing;
    for (const char* name : {"cryptsetup", "libcryptsetup-token-hsm4.so"})
        if (!image.find(name)) missing.emplace_back(name);
    const auto config = image.at(config_in_image);
    if (!config || whole_text(*config) != whole_text(root + '/' + config_in_image))
        missing.emplace_back("this unit's hsm4.conf");
    const auto table = image.at("cryptroot/crypttab");
    const std::string entries = table ? whole_text(*table).value_or("") : "";
    if (entries.find(personal.order.uuid) == entries.npos)
        missing.emplace_back("the volume in crypttab");
    std::vector<std::string> modules{"dm-crypt", "ext4"};
    modules.insert(modules.end(), cipher.modules.begin(), cipher.modules.end());
    for (const std::string& module : modules)
        if (!image.has_module(module)) missing.push_back("module " + module);
    return missing;
}

Done check_initramfs(const std::string& root, const Personal& personal, const Cipher& cipher) {
    const std::string boot = root + personal.boot_point + '/';
    const auto config = whole_text(boot + "config.txt");
    if (!config) return Problem{"the image has no config.txt"};
    const FirmwareChoice choice = choose_initramfs(parse_firmware_config(*config), names_in(boot));
    if (!choice.unserved.empty())
        return Problem{"the firmware would start " + joined(choice.unserved) +
                       " without an initramfs; write auto_initramfs=1 into the image's config.txt"};
    if (choice.initramfses.empty()) return Problem{"the firmware would load no initramfs"};
    for (const std::string& name : choice.initramfses) {
        auto image = UnpackedInitramfs::unpack(boot + name);
        if (!image) return Problem{name + " cannot be unpacked: " + Problem{image.error()}.text};
        const auto missing = missing_in(*image, root, personal, cipher);
        if (!missing.empty())
            return Problem{name + " lacks " + joined(missing) +
                           "; does update-initramfs of the image write it to " +
                           personal.boot_point + "?"};
    }
    return done();
}

bool is_program(const std::string& root, const char* path) {
    return ::access((root + path).c_str(), X_OK) == 0;
}

bool is_there(const fs::path& path) {
    std::error_code failed;
    return fs::exists(path, failed);
}

}  // namespace

Outcome<Inside> Inside::enter(const std::string& root) {
    Inside inside{root};
    for (const char* point : {"/dev", "/proc", "/sys", "/run"}) {
        auto mounted = Mounted::mount(point, root + point, nullptr, MS_BIND);
        if (!mounted) return mounted.error();
        inside.mounts_.push_back(std::move(*mounted));
    }
    return inside;
}

Done Inside::run(const std::vector<std::string>& words) const {
    std::vector<std::string> all{"chroot", root_};
    all.insert(all.end(), words.begin(), words.end());
    auto ran = rootfs::run(all, limit);
    return ran ? done() : Done{Problem{"in the image: " + ran.error().text}};
}

Done Inside::leave() {
    for (; !mounts_.empty(); mounts_.pop_back())
        if (Done gone = mounts_.back().unmount(); !gone) return gone;
    return done();
}

Done check_can_unlock(const std::string& root) {
    if (!is_program(root, "/usr/sbin/update-initramfs"))
        return Problem{"the image has no initramfs-tools"};
    if (!is_there(root + "/usr/share/initramfs-tools/hooks/hsm4"))
        return Problem{"the image has no package hsm4-initramfs, so its root would not unlock"};
    if (!is_there(root + "/usr/share/initramfs-tools/hooks/cryptroot"))
        return Problem{"the image has no package cryptsetup-initramfs"};
    return done();
}

Done build_inside(const std::string& root, const Personal& personal, const Cipher& cipher) {
    auto inside = Inside::enter(root);
    if (!inside) return inside.error();
    if (is_program(root, "/usr/bin/ssh-keygen") && is_there(root + "/etc/ssh"))
        if (Done made = inside->run({"ssh-keygen", "-A"}); !made) return made;
    if (Done built = inside->run({"update-initramfs", "-u", "-k", "all"}); !built) return built;
    if (Done left = inside->leave(); !left) return left;
    return check_initramfs(root, personal, cipher);
}

}  // namespace hsm4::rootfs
