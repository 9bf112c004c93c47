// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Superblocks, and the sizes that follow from them.
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/fake_pi.hpp"
#include "tools/rootfs/plan.hpp"

using hsm4::view_of;
using hsm4::rootfs::content_of;
using hsm4::rootfs::data_shift;
using hsm4::rootfs::header_size;
using hsm4::rootfs::make_plan;
using hsm4::rootfs::mebibyte;
using hsm4::rootfs::parse_ext4;

namespace {

constexpr std::uint64_t gibibyte = 1024 * mebibyte;

hsm4::rootfs::Ext4 file_system(std::uint64_t size, std::uint64_t used) {
    hsm4::rootfs::Ext4 made;
    made.block_size = 4096;
    made.blocks = size / 4096;
    made.free_blocks = (size - used) / 4096;
    return made;
}

std::string at(std::size_t offset, const std::string& text) {
    return std::string(offset, '\0') + text + std::string(4096, '\0');
}

}  // namespace

static void ext4_says_its_figures(void** /*state*/) {
    auto found = parse_ext4(view_of(ext4_start(262144, 131072)));
    assert_true(found && found->size() == gibibyte && found->used() == gibibyte / 2);
    assert_false(found->has_errors);
    auto damaged = parse_ext4(view_of(ext4_start(262144, 131072, 3)));
    assert_true(damaged && damaged->has_errors);
}

static void figures_that_do_not_fit_are_malformed(void** /*state*/) {
    assert_true(!parse_ext4(view_of(ext4_start(100, 101))));
    assert_true(!parse_ext4(view_of(ext4_start(0, 0))));
    const std::string good = ext4_start(1000, 10);
    assert_true(!parse_ext4(view_of(good.substr(0, 2047))));
    assert_true(!parse_ext4(view_of("")));
    std::string huge_blocks = good;
    huge_blocks[1024 + 0x18] = 7;
    assert_true(!parse_ext4(view_of(huge_blocks)));
}

static void other_contents_are_named(void** /*state*/) {
    assert_string_equal(content_of(view_of(at(0, "LUKS\xba\xbe"))).c_str(), "LUKS");
    assert_string_equal(content_of(view_of(at(512, "LABELONE"))).c_str(), "LVM");
    assert_string_equal(content_of(view_of(at(0x10040, "_BHRfS_M"))).c_str(), "btrfs");
    assert_string_equal(content_of(view_of(at(1024, "\x10\x20\xf5\xf2"))).c_str(), "f2fs");
    assert_string_equal(content_of(view_of(at(0, "XFSB"))).c_str(), "xfs");
    assert_string_equal(content_of(view_of(std::string(4096, '\0'))).c_str(), "");
    std::string ext3 = ext4_start(10, 1);
    ext3[1024 + 0x60] = 2;
    assert_string_equal(content_of(view_of(ext3)).c_str(), "ext3");
}

static void only_what_is_used_is_encrypted(void** /*state*/) {
    auto plan = make_plan(file_system(32 * gibibyte, 4 * gibibyte), 32 * gibibyte, false);
    assert_true(plan && plan->shrunk >= 4 * gibibyte && plan->shrunk <= 5 * gibibyte);
    assert_true(plan->encrypted == plan->shrunk);
    assert_true(plan->encrypted + header_size + plan->discarded == plan->partition);
    assert_true(plan->final_size == 32 * gibibyte - header_size);
}

static void full_encrypts_all_of_it(void** /*state*/) {
    auto plan = make_plan(file_system(8 * gibibyte, gibibyte), 8 * gibibyte, true);
    assert_true(plan && plan->encrypted == 8 * gibibyte - header_size - data_shift);
    assert_true(plan->shrunk == plan->encrypted);
}

static void the_moved_start_and_the_header_always_fit(void** /*state*/) {
    for (std::uint64_t partition = 64 * mebibyte; partition < 3 * gibibyte;
         partition += 37 * mebibyte + 512)
        for (std::uint64_t used = 0; used < partition; used += 61 * mebibyte)
            for (const bool whole : {false, true}) {
                auto plan = make_plan(file_system(partition, used), partition, whole);
                if (!plan) continue;
                assert_true(plan->shrunk <= plan->encrypted && plan->shrunk >= plan->used);
                assert_true(plan->encrypted + header_size + data_shift <= partition);
                assert_true(plan->encrypted % mebibyte == 0 && plan->shrunk % mebibyte == 0);
            }
}

static void too_small_or_too_full_is_refused(void** /*state*/) {
    assert_true(!make_plan(file_system(32 * mebibyte, mebibyte), 32 * mebibyte, false));
    assert_true(!make_plan(file_system(gibibyte, 1000 * mebibyte), gibibyte, false));
    assert_true(!make_plan(file_system(2 * gibibyte, mebibyte), gibibyte, false));
}

static void the_estimate_follows_the_rates(void** /*state*/) {
    auto plan = make_plan(file_system(8 * gibibyte, gibibyte), 8 * gibibyte, false);
    assert_true(plan && estimate_seconds(*plan, 50 * mebibyte, 25 * mebibyte) ==
                            plan->encrypted / (50 * mebibyte) + plan->encrypted / (25 * mebibyte));
    assert_true(estimate_seconds(*plan, 0, 1) == 0);
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ext4_says_its_figures),
        cmocka_unit_test(figures_that_do_not_fit_are_malformed),
        cmocka_unit_test(other_contents_are_named),
        cmocka_unit_test(only_what_is_used_is_encrypted),
        cmocka_unit_test(full_encrypts_all_of_it),
        cmocka_unit_test(the_moved_start_and_the_header_always_fit),
        cmocka_unit_test(too_small_or_too_full_is_refused),
        cmocka_unit_test(the_estimate_follows_the_rates),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
