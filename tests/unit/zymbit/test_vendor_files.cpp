// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// zkenv.conf, the serial number, and whether zkifc runs.
#include <algorithm>
#include <cstdlib>

#include "hsm4/zymbit/vendor_files.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::zymbit::VendorFiles;

namespace {

VendorFiles files_in(const ScratchDirectory& scratch) {
    return {scratch.path("zymbit"), scratch.path("proc"), scratch.path("run")};
}

/// The value of `name`, or "-"; the test fails when it is there twice.
std::string value_of(const std::vector<std::string>& environment, const std::string& name) {
    const auto names = [&](const std::string& entry) { return entry.starts_with(name + '='); };
    assert_true(std::ranges::count_if(environment, names) <= 1);
    const auto found = std::ranges::find_if(environment, names);
    return found == environment.end() ? "-" : found->substr(name.size() + 1);
}

}  // namespace

static void zkenv_is_exported_over_the_callers_environment(void** /*state*/) {
    const ScratchDirectory scratch;
    ::setenv("ZK_GPIO_WAKE_PIN", "4", 1);
    ::setenv("HSM4_TEST_OTHER", "kept", 1);
    scratch.write(
        "zymbit/zkenv.conf",
        "# pins\n\nexport ZK_GPIO_WAKE_PIN=516\n ZK_A=\"two words\"\r\nZK_B='x'\nnonsense\n"
        "1BAD=1\nBAD-NAME=1\n=1\nZK_LAST=");
    const auto environment = program_environment(files_in(scratch));
    assert_string_equal(value_of(environment, "ZK_GPIO_WAKE_PIN").c_str(), "516");
    assert_string_equal(value_of(environment, "ZK_A").c_str(), "two words");
    assert_string_equal(value_of(environment, "ZK_B").c_str(), "x");
    assert_string_equal(value_of(environment, "ZK_LAST").c_str(), "");
    assert_string_equal(value_of(environment, "HSM4_TEST_OTHER").c_str(), "kept");
    assert_string_equal(value_of(environment, "1BAD").c_str(), "-");
    assert_string_equal(value_of(environment, "BAD-NAME").c_str(), "-");
}

static void zkenv_does_not_choose_what_runs(void** /*state*/) {
    const ScratchDirectory scratch;
    ::setenv("PATH", "/usr/bin", 1);
    scratch.write("zymbit/zkenv.conf",
                  "LD_PRELOAD=/tmp/evil.so\nPATH=/tmp\nLD_LIBRARY_PATH=/tmp\n");
    const auto environment = program_environment(files_in(scratch));
    assert_string_equal(value_of(environment, "PATH").c_str(), "/usr/bin");
    assert_true(value_of(environment, "LD_PRELOAD") != "/tmp/evil.so");
    assert_true(value_of(environment, "LD_LIBRARY_PATH") != "/tmp");
}

static void no_zkenv_is_no_failure(void** /*state*/) {
    const ScratchDirectory scratch;
    assert_false(program_environment(files_in(scratch)).empty());
}

static void the_serial_is_what_the_software_tells_or_the_salts_directory(void** /*state*/) {
    const ScratchDirectory scratch;
    const VendorFiles files = files_in(scratch);
    assert_string_equal(serial_from(" 00000123ABC\n", files).c_str(), "00000123ABC");
    assert_string_equal(serial_from("", files).c_str(), "unknown");
    scratch.write("zymbit/other/file", "");
    scratch.write("zymbit/00000456DEF/s1_fp_salt.bin", "salt");
    assert_string_equal(serial_from("\n", files).c_str(), "00000456DEF");
    assert_int_equal(serial_from(std::string(1000, 'x'), files).size(), 64);
}

static void zkifc_is_found_by_its_name_while_it_lives(void** /*state*/) {
    const ScratchDirectory scratch;
    const VendorFiles files = files_in(scratch);
    assert_false(zkifc_runs(files));
    scratch.write("proc/1/stat", "1 (systemd) S 0");
    scratch.write("proc/12/stat", "12 (zkifc-helper) S 1");
    scratch.write("proc/self/stat", "99 (zkifc) S 1");
    scratch.write("proc/13/stat", "13 (zkifc) Z 1");
    scratch.write("proc/14/other", "");
    assert_false(zkifc_runs(files));
    scratch.write("proc/15/stat", "15 (zkifc) S 1");
    assert_true(zkifc_runs(files));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(zkenv_is_exported_over_the_callers_environment),
        cmocka_unit_test(zkenv_does_not_choose_what_runs),
        cmocka_unit_test(no_zkenv_is_no_failure),
        cmocka_unit_test(the_serial_is_what_the_software_tells_or_the_salts_directory),
        cmocka_unit_test(zkifc_is_found_by_its_name_while_it_lives),
    };
    return cmocka_run_group_tests_name("vendor files", tests, nullptr, nullptr);
}
