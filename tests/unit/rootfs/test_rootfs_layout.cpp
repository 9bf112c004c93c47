// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Which partitions root and boot files lie on.
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/fake_pi.hpp"
#include "tools/rootfs/layout.hpp"

using hsm4::rootfs::find_layout;

namespace {

bool refused_for(const FakePi& pi, const std::string& reason) {
    auto layout = find_layout(pi.request.machine);
    return !layout && layout.error().text.find(reason) != std::string::npos;
}

}  // namespace

static void a_root_named_dev_root_is_found_by_its_number(void** /*state*/) {
    const FakePi pi;
    auto layout = find_layout(pi.request.machine);
    assert_true(bool{layout});
    assert_string_equal(layout->root.node.c_str(), pi.path("dev/mmcblk0p2").c_str());
    assert_string_equal(layout->root.disk.c_str(), "mmcblk0");
    assert_int_equal(layout->root.number, 2);
    assert_true(layout->root.size == 4ULL << 30);
    assert_string_equal(layout->boot.mount.c_str(), "/boot/firmware");
}

static void other_file_systems_are_refused(void** /*state*/) {
    const FakePi pi;
    for (const char* type : {"btrfs", "f2fs", "overlay", "xfs"}) {
        pi.mount_root(std::string{"22 1 179:2 / / rw - "} + type + " /dev/mmcblk0p2 rw\n");
        assert_true(refused_for(pi, std::string{"is "} + type));
    }
}

static void lvm_raid_and_luks_are_refused_by_name(void** /*state*/) {
    const FakePi pi;
    pi.mount_root("22 1 254:0 / / rw - ext4 /dev/mapper/root rw\n");
    pi.link("sys/dev/block/254:0", pi.path("sys/devices/virtual/block/dm-0"));
    pi.write("sys/devices/virtual/block/dm-0/dm/uuid", "LVM-abc\n");
    assert_true(refused_for(pi, "LVM"));
    pi.write("sys/devices/virtual/block/dm-0/dm/uuid", "CRYPT-LUKS2-abc-root\n");
    assert_true(refused_for(pi, "encrypted already"));
    pi.write("sys/devices/virtual/block/dm-0/dm/uuid", "\n");
    assert_true(refused_for(pi, "no partition"));
    pi.write("sys/devices/virtual/block/dm-0/md/level", "raid1\n");
    assert_true(refused_for(pi, "RAID"));
}

static void a_container_is_refused(void** /*state*/) {
    const FakePi pi;
    pi.mount_root("22 1 179:2 /var/lib/machines/x / rw - ext4 /dev/mmcblk0p2 rw\n");
    assert_true(refused_for(pi, "only a part"));
}

static void boot_files_need_a_fat_partition(void** /*state*/) {
    const FakePi pi;
    const std::string root = "22 1 179:2 / / rw - ext4 /dev/root rw\n";
    pi.write("proc/self/mountinfo", root);
    assert_true(refused_for(pi, "neither /boot/firmware nor /boot"));
    pi.write("proc/self/mountinfo", root + "30 22 179:1 / /boot rw - ext4 /dev/mmcblk0p1 rw\n");
    assert_true(refused_for(pi, "/boot is ext4"));
    // An automounter in front of it is looked through.
    pi.write("proc/self/mountinfo", root +
                                        "29 22 0:41 / /boot/firmware rw - autofs systemd-1 rw\n"
                                        "30 29 179:1 / /boot/firmware rw - vfat /dev/x rw\n");
    assert_true(bool{find_layout(pi.request.machine)});
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_root_named_dev_root_is_found_by_its_number),
        cmocka_unit_test(other_file_systems_are_refused),
        cmocka_unit_test(lvm_raid_and_luks_are_refused_by_name),
        cmocka_unit_test(a_container_is_refused),
        cmocka_unit_test(boot_files_need_a_fat_partition),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
