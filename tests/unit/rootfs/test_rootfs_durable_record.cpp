// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The record of a conversion under every kind of torn write.
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/rootfs/durable_record.hpp"

using hsm4::Errc;
using hsm4::rootfs::DurableRecord;

namespace {

struct Fixture : ScratchDirectory {
    DurableRecord record() const { return {path(""), "state"}; }
    void store(const std::string& content) const {
        assert_true(static_cast<bool>(record().store(content)));
    }
    /// What is stored, or "(nothing)", or "(malformed)".
    std::string loaded() const {
        auto content = record().load();
        if (!content) return content.error().code == Errc::malformed ? "(malformed)" : "(error)";
        return content->value_or("(nothing)");
    }
    std::string newest() const {
        // The first record goes to the first file, and so on in turn.
        return "state-" + std::to_string(1 + (stores + 1) % 2);
    }
    int stores = 2;
};

}  // namespace

static void what_was_stored_is_loaded(void** /*state*/) {
    const Fixture scratch;
    assert_string_equal(scratch.loaded().c_str(), "(nothing)");
    for (int round = 0; round < 7; ++round) {
        scratch.store("round " + std::to_string(round));
        assert_string_equal(scratch.loaded().c_str(), ("round " + std::to_string(round)).c_str());
    }
    scratch.store("");
    assert_string_equal(scratch.loaded().c_str(), "");
    scratch.store(std::string(DurableRecord::longest, 'x'));
    assert_int_equal(scratch.loaded().size(), DurableRecord::longest);
    assert_true(!scratch.record().store(std::string(DurableRecord::longest + 1, 'x')));
    assert_int_equal(scratch.loaded().size(), DurableRecord::longest);
}

static void files_never_change_their_size(void** /*state*/) {
    const Fixture scratch;
    for (const char* content : {"a", "", "much longer than that"}) {
        scratch.store(content);
        for (const char* name : {"state-1", "state-2"})
            assert_int_equal(scratch.read(name).size(), DurableRecord::slot_size);
    }
}

static void a_torn_write_leaves_the_old_or_the_new(void** /*state*/) {
    constexpr std::size_t sector = 512;
    const Fixture scratch;
    scratch.store("first");
    scratch.store("old");
    const std::string before = scratch.read("state-1");
    scratch.store("new");  // into state-1
    const std::string after = scratch.read("state-1");
    for (unsigned pattern = 0; pattern < 1U << (DurableRecord::slot_size / sector); ++pattern) {
        std::string torn = before;
        for (std::size_t at = 0; at < torn.size(); at += sector)
            if ((pattern >> (at / sector) & 1U) != 0)
                torn.replace(at, sector, after.substr(at, sector));
        scratch.write("state-1", torn);
        assert_string_equal(scratch.loaded().c_str(), torn == after ? "new" : "old");
    }
}

static void damage_of_one_file_leaves_the_other(void** /*state*/) {
    const Fixture scratch;
    scratch.store("old");
    scratch.store("new");
    const std::string good = scratch.read(scratch.newest());
    for (std::size_t at = 0; at < good.size(); at += at < 64 ? 1 : 97) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ 0x10);
        scratch.write(scratch.newest(), bad);
        assert_string_equal(scratch.loaded().c_str(), "old");
        scratch.write(scratch.newest(), good.substr(0, at));
        assert_string_equal(scratch.loaded().c_str(), "old");
    }
    scratch.write(scratch.newest(), good + "more");
    assert_string_equal(scratch.loaded().c_str(), "old");
    std::filesystem::remove(scratch.path(scratch.newest()));
    assert_string_equal(scratch.loaded().c_str(), "old");
    // And it goes on from there.
    scratch.store("newer");
    assert_string_equal(scratch.loaded().c_str(), "newer");
}

static void damage_of_both_is_no_fresh_start(void** /*state*/) {
    const Fixture scratch;
    scratch.store("old");
    scratch.store("new");
    for (const char* name : {"state-1", "state-2"}) scratch.write(name, std::string(4096, 'x'));
    assert_string_equal(scratch.loaded().c_str(), "(malformed)");
}

static void a_first_write_that_was_cut_off_is_no_record(void** /*state*/) {
    const Fixture scratch;
    scratch.write("state-1", "");
    assert_string_equal(scratch.loaded().c_str(), "(nothing)");
    scratch.write("state-1", std::string(DurableRecord::slot_size, '\0'));
    assert_string_equal(scratch.loaded().c_str(), "(nothing)");
    scratch.write("state-2", std::string(DurableRecord::slot_size, '\0'));
    assert_string_equal(scratch.loaded().c_str(), "(nothing)");
    scratch.write("state-1", std::string(DurableRecord::slot_size, 'x'));
    assert_string_equal(scratch.loaded().c_str(), "(nothing)");
    scratch.store("first");
    assert_string_equal(scratch.loaded().c_str(), "first");
}

static void removal_never_brings_back_the_older_one(void** /*state*/) {
    const Fixture scratch;
    scratch.store("old");
    scratch.store("new");
    assert_true(static_cast<bool>(scratch.record().remove()));
    assert_string_equal(scratch.loaded().c_str(), "(nothing)");
    assert_true(static_cast<bool>(scratch.record().remove()));
}

#ifdef HSM4_FAULT_POINTS
/// Runs `work` in a process that is killed at its N-th writing step. False when it was not.
template <class Work>
static bool killed_at(int step, Work work) {
    const pid_t child = fork();
    if (child == 0) {
        setenv("HSM4_FAULT_POINT", std::to_string(step).c_str(), 1);
        _exit(work() ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void a_kill_leaves_the_old_or_the_new(void** /*state*/) {
    bool killed = true;
    for (int step = 1; killed; ++step) {
        const Fixture scratch;
        killed = killed_at(step, [&] { return static_cast<bool>(scratch.record().store("new")); });
        assert_string_equal(scratch.loaded().c_str(), killed ? "(nothing)" : "new");
        scratch.store("old");
        assert_string_equal(scratch.loaded().c_str(), "old");
    }
    killed = true;
    for (int step = 1; killed; ++step) {
        const Fixture scratch;
        scratch.store("old");
        scratch.store("new");
        killed = killed_at(step, [&] { return static_cast<bool>(scratch.record().remove()); });
        assert_string_equal(scratch.loaded().c_str(), killed ? "new" : "(nothing)");
    }
}
#endif

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_stored_is_loaded),
        cmocka_unit_test(files_never_change_their_size),
        cmocka_unit_test(a_torn_write_leaves_the_old_or_the_new),
        cmocka_unit_test(damage_of_one_file_leaves_the_other),
        cmocka_unit_test(damage_of_both_is_no_fresh_start),
        cmocka_unit_test(a_first_write_that_was_cut_off_is_no_record),
        cmocka_unit_test(removal_never_brings_back_the_older_one),
#ifdef HSM4_FAULT_POINTS
        cmocka_unit_test(a_kill_leaves_the_old_or_the_new),
#endif
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
