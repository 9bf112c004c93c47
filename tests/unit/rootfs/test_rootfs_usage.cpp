// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Where files lie in a file system, and what follows for its size.
#include <filesystem>
#include <fstream>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/good.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/rootfs/command.hpp"
#include "tools/rootfs/plan.hpp"
#include "tools/rootfs/usage.hpp"

using hsm4::rootfs::mebibyte;
using hsm4::rootfs::read_usage;
using hsm4::rootfs::run_quietly;
using hsm4::rootfs::Usage;

namespace {

constexpr std::uint64_t operator""_MiB(unsigned long long count) { return count * mebibyte; }

/// Full, full, empty, 10 MiB, empty.
const Usage usual{
    {{128_MiB, 128_MiB}, {256_MiB, 128_MiB}, {384_MiB, 0}, {512_MiB, 10_MiB}, {600_MiB, 0}}};

void make_file_system(const std::string& path, const std::string& content) {
    std::ofstream{path};
    std::filesystem::resize_file(path, 600_MiB);
    assert_true(good(run_quietly({"mke2fs", "-q", "-t", "ext4", "-d", content, path})));
}

}  // namespace

static void what_lies_behind_a_size_must_move(void** /*state*/) {
    assert_int_equal(usual.behind(600_MiB), 0);
    assert_int_equal(usual.behind(512_MiB), 0);
    assert_int_equal(usual.behind(507_MiB), 5_MiB);
    assert_int_equal(usual.behind(384_MiB), 10_MiB);
    assert_int_equal(usual.behind(200_MiB), 66_MiB);
    assert_int_equal(usual.behind(0), 266_MiB);
}

static void the_size_that_moves_no_more_than_so_much(void** /*state*/) {
    assert_int_equal(usual.size_that_moves(0), 512_MiB);
    assert_int_equal(usual.size_that_moves(4_MiB), 508_MiB);
    assert_int_equal(usual.size_that_moves(10_MiB), 256_MiB);
    assert_int_equal(usual.size_that_moves(11_MiB), 255_MiB);
    assert_int_equal(usual.size_that_moves(11_MiB - 1), 256_MiB);
    assert_int_equal(usual.size_that_moves(1000_MiB), 0);
    for (std::uint64_t movable = 0; movable < 266_MiB; movable += 3_MiB + 5)
        assert_true(usual.behind(usual.size_that_moves(movable)) <= movable);
}

static void the_cheapest_size_weighs_moving_against_encrypting(void** /*state*/) {
    // To move 10 MiB is cheaper than to encrypt 256 MiB more, of which 10 are in use.
    assert_int_equal(usual.cheapest_size(256_MiB, 500_MiB), 256_MiB);
    // To move 128 MiB in order to encrypt 128 MiB less is not.
    assert_int_equal(usual.cheapest_size(128_MiB, 500_MiB), 256_MiB);
    assert_int_equal(usual.cheapest_size(128_MiB, 200_MiB), 128_MiB);
    assert_int_equal(usual.cheapest_size(520_MiB, 520_MiB), 520_MiB);
}

static void the_usage_of_a_file_system_is_that_of_its_files(void** /*state*/) {
    const ScratchDirectory scratch;
    std::filesystem::create_directory(scratch.path("content"));
    make_file_system(scratch.path("empty"), scratch.path("content"));
    std::ofstream{scratch.path("content/file")} << std::string(20_MiB, 'x');
    make_file_system(scratch.path("filled"), scratch.path("content"));
    const auto empty = read_usage(scratch.path("empty"));
    const auto filled = read_usage(scratch.path("filled"));
    assert_true(empty && filled && empty->groups.back().end == 600_MiB);
    assert_int_equal(filled->behind(0) - empty->behind(0), 20_MiB);
    // Neither bitmaps nor tables of inodes, which a file system of this size has 9 MiB of.
    assert_in_range(empty->behind(0), 8_MiB, 17_MiB);
}

static void what_is_no_file_system_has_no_usage(void** /*state*/) {
    const ScratchDirectory scratch;
    std::ofstream{scratch.path("zeros")} << std::string(1_MiB, '\0');
    assert_true(!read_usage(scratch.path("zeros")));
    assert_true(!read_usage(scratch.path("nothing")));
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_behind_a_size_must_move),
        cmocka_unit_test(the_size_that_moves_no_more_than_so_much),
        cmocka_unit_test(the_cheapest_size_weighs_moving_against_encrypting),
        cmocka_unit_test(the_usage_of_a_file_system_is_that_of_its_files),
        cmocka_unit_test(what_is_no_file_system_has_no_usage),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
