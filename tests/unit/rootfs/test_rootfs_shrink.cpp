// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What shrinking knows of a step: from its record, and from dmsetup. The steps themselves need
// device-mapper, which virtual machines have.
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/rootfs/good.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/rootfs/shrink.hpp"

using hsm4::rootfs::begin_record;
using hsm4::rootfs::DurableRecord;
using hsm4::rootfs::finish_merge;
using hsm4::rootfs::is_merging;
using hsm4::rootfs::parse_store_status;

static void a_store_is_merged_when_only_metadata_is_left(void** /*state*/) {
    const auto busy = parse_store_status("0 204800 snapshot-merge 1200/131072 16\n");
    assert_true(busy.usable && !busy.merged() && busy.allocated == 1200 && busy.total == 131072);
    assert_true(parse_store_status("0 204800 snapshot-merge 16/131072 16\n").merged());
    for (const char* bad :
         {"0 204800 snapshot Invalid\n", "0 204800 snapshot Overflow\n",
          "0 204800 snapshot-merge Merge failed\n", "", "0 1 error\n", "0 204800 snapshot 16\n"})
        assert_false(parse_store_status(bad).usable || parse_store_status(bad).merged());
}

static void a_merge_has_begun_when_the_record_says_so(void** /*state*/) {
    const ScratchDirectory scratch;
    DurableRecord record{scratch.path(""), "shrink"};
    auto merging = is_merging(record);
    assert_true(merging && !*merging);
    assert_true(good(begin_record(record)));
    merging = is_merging(record);
    assert_true(merging && !*merging);
    for (const char* where : {"merging", "merging 1048576"}) {
        assert_true(good(record.store(where)));
        merging = is_merging(record);
        assert_true(merging && *merging);
    }
}

static void a_merge_from_an_unknown_place_is_refused(void** /*state*/) {
    const ScratchDirectory scratch;
    DurableRecord record{scratch.path(""), "shrink"};
    for (const char* where : {"merging 0", "merging x", "merging 12x", "merging ", "merging12"}) {
        assert_true(good(record.store(where)));
        assert_true(!is_merging(record));
        assert_true(!finish_merge({}, record));
    }
}

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_is_merged_when_only_metadata_is_left),
        cmocka_unit_test(a_merge_has_begun_when_the_record_says_so),
        cmocka_unit_test(a_merge_from_an_unknown_place_is_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
