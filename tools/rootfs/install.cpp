// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Mapping, growing, editing.
#include "tools/rootfs/install.hpp"

#include <libcryptsetup.h>

#include "tools/enroll/volume.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/fsck.hpp"
#include "tools/rootfs/mount.hpp"
#include "tools/rootfs/system_files.hpp"

namespace hsm4::rootfs {

namespace {

constexpr const char* mount_point = "/run/hsm4-rootfs/new-root";

Done grow(const std::string& device, const Order& order) {
    if (Done sound = repair(device); !sound) return sound;
    auto mounted = Mounted::mount(device, mount_point, "ext4");
    if (!mounted) return mounted.error();
    if (auto grown = run({"resize2fs", device}, patient); !grown) return grown.error();
    if (Done changed = change_root_files(mounted->point(), order); !changed) return changed;
    return mounted->unmount();
}

}  // namespace

Done map_volume(const std::string& device, const std::string& name, const Opener& opener) {
    if (crypt_status(nullptr, name.c_str()) == CRYPT_ACTIVE) return done();
    auto volume = enroll::Volume::open({device, {}});
    if (!volume) return volume.error();
    const int opened = crypt_activate_by_passphrase(
        volume->context(), name.c_str(), opener.keyslot,
        reinterpret_cast<const char*>(opener.passphrase.data()), opener.passphrase.size(), 0);
    if (opened < 0) return volume->problem(device + " cannot be opened", opened);
    return done();
}

Done install(const InstallOrder& install, const Opener& opener) {
    const Order& order = install.order;
    if (Done mapped = map_volume(install.device, order.name, opener); !mapped) return mapped;
    if (Done grown = grow(order.mapping(), order); !grown) return grown;
    return change_command_line(install.boot, order);
}

}  // namespace hsm4::rootfs
