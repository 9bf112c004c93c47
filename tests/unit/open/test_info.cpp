// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// INFO.
#include "hsm4/open/info.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;

namespace {

const hsm4::ModuleKeys module{filled<16>(1), filled<32>(2), filled<32>(3)};
const std::string keys = repeated("01", 16) + repeated("02", 32) + repeated("03", 32);

Errc error_of(const std::string& answer) {
    ScriptedChannel channel{{{"01", answer}}};
    auto info = hsm4::open::read_info(channel, module);
    return info ? Errc::usage : info.error().code;
}

}  // namespace

static void it_names_module_and_keys(void** /*state*/) {
    ScriptedChannel channel{{{"01", "0001" + keys +
                                        "0480"
                                        "0161"
                                        "03312e30"}}};
    auto info = hsm4::open::read_info(channel, module);
    assert_true(static_cast<bool>(info));
    assert_string_equal(info->id.c_str(), repeated("01", 16).c_str());
    assert_string_equal(info->model.c_str(), "a");
    assert_string_equal(info->firmware.c_str(), "1.0");
    assert_string_equal(info->backend.c_str(), "open");
}

static void other_keys_than_the_channels_are_unauthentic(void** /*state*/) {
    for (const std::size_t at : {std::size_t{4}, std::size_t{40}, std::size_t{100}}) {
        std::string answer = "0001" + keys +
                             "0480"
                             "0161"
                             "0161";
        answer[at] = 'f';
        assert_true(error_of(answer) == Errc::unauthentic);
    }
}

static void what_a_terminal_must_not_see_is_malformed(void** /*state*/) {
    for (const char* text : {"011b",
                             "0200"
                             "41",
                             "017f", "0180", "010a"})
        assert_true(error_of("0001" + keys + "0480" + text + "0161") == Errc::malformed);
}

static void other_versions_sizes_and_lengths_are_malformed(void** /*state*/) {
    const std::string tail = "01610161";
    for (const std::string& answer :
         {"0002" + keys + "0480" + tail, "0001" + keys + "0580" + tail,
          "0001" + keys + "0440" + tail, "0001" + keys + "0480" + tail + "00",
          "0001" + keys +
              "04800161"
              "0261",
          "0001" + keys, std::string{"00"}})
        assert_true(error_of(answer) == Errc::malformed);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_names_module_and_keys),
        cmocka_unit_test(other_keys_than_the_channels_are_unauthentic),
        cmocka_unit_test(what_a_terminal_must_not_see_is_malformed),
        cmocka_unit_test(other_versions_sizes_and_lengths_are_malformed),
    };
    return cmocka_run_group_tests_name("info", tests, nullptr, nullptr);
}
