// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Which of the vendor's software is used: in the running system, in an initramfs, and on the way
// between them.
#include "hsm4/zymbit/choose.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/scratch_directory.hpp"

using hsm4::Uri;
using hsm4::zymbit::Choice;

namespace {

class Host {
public:
    Host() { scratch_.write("proc/1/stat", "1 (init) S 0"); }

    Host& with_library() { return with_file("lib/libzk_app_utils.so"); }
    Host& with_older_library() { return with_file("local/libzk_app_utils.so"); }
    Host& with_named_library() { return with_file("opt/library.so"); }
    Host& with_programs() {
        std::filesystem::permissions(scratch_.write("sbin/zkunlockifs", ""),
                                     std::filesystem::perms::owner_all);
        return *this;
    }
    Host& with_zkifc() {
        scratch_.write("proc/77/stat", "77 (zkifc) S 1");
        return *this;
    }

    void assert_chosen(const std::string& uri, Uri::Kind kind, const std::string& path) const {
        const auto parsed = hsm4::parse_uri(uri);
        assert_true(static_cast<bool>(parsed));
        const Choice choice = hsm4::zymbit::choose(*parsed, files());
        assert_int_equal(choice.kind, kind);
        assert_string_equal(choice.path.c_str(), path.c_str());
    }
    std::string path(const std::string& name) const { return scratch_.path(name); }

private:
    Host& with_file(const std::string& name) {
        scratch_.write(name, "");
        return *this;
    }
    hsm4::zymbit::VendorFiles files() const {
        hsm4::zymbit::VendorFiles files;
        files.proc = path("proc");
        files.unlock_program = path("sbin/zkunlockifs");
        files.libraries = {path("lib/libzk_app_utils.so"), path("local/libzk_app_utils.so")};
        return files;
    }

    ScratchDirectory scratch_;
};

constexpr auto library = Uri::Kind::zymbit;
constexpr auto programs = Uri::Kind::zymbit_exec;

}  // namespace

static void the_running_system_has_library_and_daemon(void** /*state*/) {
    Host host;
    host.with_library().with_older_library().with_programs().with_zkifc();
    host.assert_chosen("zymbit:", library, host.path("lib/libzk_app_utils.so"));
    Host older;
    older.with_older_library().with_programs().with_zkifc();
    older.assert_chosen("zymbit:", library, older.path("local/libzk_app_utils.so"));
}

static void an_initramfs_has_the_programs_only(void** /*state*/) {
    Host host;
    host.with_programs();
    host.assert_chosen("zymbit:", programs, host.path("sbin/zkunlockifs"));
}

static void a_library_without_its_daemon_does_not_work(void** /*state*/) {
    Host host;
    host.with_library().with_programs();
    host.assert_chosen("zymbit:", programs, host.path("sbin/zkunlockifs"));
    Host alone;  // nothing else is there; its error will say what is missing
    alone.with_library();
    alone.assert_chosen("zymbit:", library, alone.path("lib/libzk_app_utils.so"));
}

static void a_named_library_is_followed_where_it_is(void** /*state*/) {
    Host host;
    host.with_library().with_named_library().with_programs();
    host.assert_chosen("zymbit:" + host.path("opt/library.so"), library,
                       host.path("opt/library.so"));
}

static void a_named_library_that_the_initramfs_lacks_gives_way_to_the_programs(void** /*state*/) {
    Host host;
    host.with_programs();
    host.assert_chosen("zymbit:" + host.path("opt/library.so"), programs,
                       host.path("sbin/zkunlockifs"));
    Host nothing;
    nothing.assert_chosen("zymbit:" + nothing.path("opt/library.so"), library,
                          nothing.path("opt/library.so"));
}

static void programs_are_used_where_they_are_asked_for(void** /*state*/) {
    Host host;
    host.with_library().with_zkifc();
    host.assert_chosen("zymbit-exec:", programs, host.path("sbin/zkunlockifs"));
    host.assert_chosen("zymbit-exec:/opt/zkunlockifs", programs, "/opt/zkunlockifs");
}

static void without_any_software_the_linkers_search_is_left(void** /*state*/) {
    Host{}.assert_chosen("zymbit:", library, "libzk_app_utils.so");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_running_system_has_library_and_daemon),
        cmocka_unit_test(an_initramfs_has_the_programs_only),
        cmocka_unit_test(a_library_without_its_daemon_does_not_work),
        cmocka_unit_test(a_named_library_is_followed_where_it_is),
        cmocka_unit_test(a_named_library_that_the_initramfs_lacks_gives_way_to_the_programs),
        cmocka_unit_test(programs_are_used_where_they_are_asked_for),
        cmocka_unit_test(without_any_software_the_linkers_search_is_left),
    };
    return cmocka_run_group_tests_name("choose", tests, nullptr, nullptr);
}
