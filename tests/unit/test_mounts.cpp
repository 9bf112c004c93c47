// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Lines of mountinfo, with and without optional fields.
#include "hsm4/mounts.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

static void each_line_is_a_mount(void** /*state*/) {
    ScratchDirectory scratch;
    scratch.write(
        "proc/self/mountinfo",
        "22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw\n"
        "too short\n"
        "30 22 179:1 /sub /boot/firmware rw - vfat /dev/mmcblk0p1 rw\n"
        "31 22 0:40 / /srv rw shared:2 master:3 propagate_from:4 - autofs systemd-1 rw\n");
    const auto found = hsm4::mounts({scratch.path("sys"), scratch.path("proc"), {}});
    assert_int_equal(found.size(), 3);
    assert_string_equal(found[0].device.c_str(), "179:2");
    assert_string_equal(found[0].point.c_str(), "/");
    assert_string_equal(found[0].type.c_str(), "ext4");
    assert_string_equal(found[1].subtree.c_str(), "/sub");
    assert_string_equal(found[1].type.c_str(), "vfat");
    assert_string_equal(found[2].type.c_str(), "autofs");
}

static void no_table_is_no_mount(void** /*state*/) {
    ScratchDirectory scratch;
    assert_true(hsm4::mounts({scratch.path("sys"), scratch.path("proc"), {}}).empty());
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_a_mount),
        cmocka_unit_test(no_table_is_no_mount),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
