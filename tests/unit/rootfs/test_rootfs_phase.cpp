// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The stages that need no device-mapper, on an image: from moving to clearing, killed before each
// write that is recorded or made.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/unit/rootfs/conversion.hpp"
#include "tools/rootfs/durable_record.hpp"
#include "tools/rootfs/phase.hpp"

using hsm4::rootfs::Stage;

namespace {

constexpr const char* stop = "the next stage would map the volume";

class Phase {
public:
    Phase() {
        std::filesystem::create_directory(conversion.path("boot"));
        std::filesystem::copy_file(conversion.shape.file, directory + "/header");
        std::filesystem::copy_file(conversion.shape.file, directory + "/finished");
        order.order.encrypted = encrypted;
        order.order.shrunk = encrypted;
        order.check_header = [](const std::string&) -> hsm4::enroll::Done {
            return hsm4::enroll::Problem{stop};
        };
        assert_true(static_cast<bool>(rootfs::arm(directory)));
        put("moving");
        // What was deleted once, and must not be readable afterwards.
        std::ofstream partition{conversion.shape.device, std::ios::in | std::ios::out};
        partition.seekp(device_size - 4096);
        partition << "deleted";
    }

    hsm4::enroll::Done go() const {
        return rootfs::go_through(order, conversion.opener(), rootfs::Watcher{});
    }
    bool stopped_where_it_should() const {
        const auto went = go();
        if (!went && went.error().text != stop) print_message("# %s\n", went.error().text.c_str());
        return !went && went.error().text == stop;
    }
    void put(const char* stage) const {
        rootfs::DurableRecord record{directory, "state"};
        assert_true(static_cast<bool>(record.store(stage)));
    }
    void check() const {
        auto standing = rootfs::standing_of(directory);
        assert_true(standing && *standing && (*standing)->stage == Stage::installing);
        conversion.check();
        auto image = hsm4::read_file(conversion.shape.device, device_size);
        assert_true(static_cast<bool>(image));
        const View rest = image->view().subspan(rootfs::header_size + encrypted);
        assert_memory_equal(rest.data(), Bytes(rest.size()).data(), rest.size());
        assert_true(*rootfs::encryption_state(directory + "/header") == EncryptionState::none);
    }

    const Conversion conversion{4096};
    const std::string directory = conversion.path("boot");
    rootfs::PhaseOrder order{conversion.shape.device, directory, directory, {}, {}};
};

}  // namespace

static void it_goes_from_stage_to_stage(void** /*state*/) {
    const Phase phase;
    assert_true(phase.stopped_where_it_should());
    phase.check();
    assert_true(phase.stopped_where_it_should());  // and once more, from there
    phase.check();
}

static void a_volume_with_another_header_is_not_opened(void** /*state*/) {
    const Phase phase;
    phase.put("installing");  // and the device has no header at all
    assert_true(phase.stopped_where_it_should());
}

static void what_is_abandoned_stays_so(void** /*state*/) {
    const Phase phase;
    phase.put("abandoned\nno room");
    auto before = hsm4::read_file(phase.conversion.shape.device, device_size);
    assert_true(static_cast<bool>(phase.go()));
    auto after = hsm4::read_file(phase.conversion.shape.device, device_size);
    assert_true(before && after && std::ranges::equal(before->view(), after->view()));
}

static void a_wrong_key_ends_it_before_anything_changes(void** /*state*/) {
    const Phase phase;
    auto before = hsm4::read_file(phase.conversion.shape.device, device_size);
    const rootfs::Opener wrong{0, view_of("wrong")};
    assert_true(!rootfs::go_through(phase.order, wrong, rootfs::Watcher{}));
    auto after = hsm4::read_file(phase.conversion.shape.device, device_size);
    assert_true(before && after && std::ranges::equal(before->view(), after->view()));
    assert_true(phase.stopped_where_it_should());
    phase.check();
}

#ifdef HSM4_FAULT_POINTS
static void killed_before_any_write_it_goes_on(void** /*state*/) {
    // Two for each of three records, three for what begins, restores and clears. Then it clears,
    // block by block; two of those shall do.
    constexpr int writes = 2 * 3 + 3 + 2;
    for (int number = 1; number <= writes; ++number) {
        const Phase phase;
        assert_false(in_a_process([&] {
            setenv("HSM4_FAULT_POINT", std::to_string(number).c_str(), 1);
            return phase.stopped_where_it_should();
        }));
        assert_true(phase.stopped_where_it_should());
        phase.check();
    }
}
#endif

int main() {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_from_stage_to_stage),
        cmocka_unit_test(a_volume_with_another_header_is_not_opened),
        cmocka_unit_test(what_is_abandoned_stays_so),
        cmocka_unit_test(a_wrong_key_ends_it_before_anything_changes),
#ifdef HSM4_FAULT_POINTS
        cmocka_unit_test(killed_before_any_write_it_goes_on),
#endif
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
