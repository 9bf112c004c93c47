// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Recovery keys in systemd's notation.
#include "tools/enroll/recovery_key.hpp"

#include <array>
#include <string>

#include "tests/unit/cmocka_all.hpp"

namespace {

using namespace hsm4;
using namespace hsm4::enroll;

std::string text_of(const SecretBytes& bytes) {
    return {reinterpret_cast<const char*>(bytes.view().data()), bytes.size()};
}

void each_half_byte_has_its_letter(void** /*state*/) {
    std::array<std::byte, recovery_key_bytes> bits{};
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<std::byte>(i * 0x11);
    assert_string_equal(text_of(recovery_key_text(bits)).substr(0, 53).c_str(),
                        "ccbbddee-ffgghhii-jjkkllnn-rrttuuvv-bcdbedfe-gfhgihji");
}

void groups_of_eight(void** /*state*/) {
    auto key = draw_recovery_key();
    assert_true(static_cast<bool>(key));
    const std::string text = text_of(*key);
    assert_int_equal(text.size(), recovery_key_size);
    for (std::size_t i = 0; i < text.size(); ++i)
        if (i % 9 == 8)
            assert_int_equal(text[i], '-');
        else
            assert_true(std::string{"cbdefghijklnrtuv"}.find(text[i]) != std::string::npos);
}

void no_two_alike(void** /*state*/) {
    auto one = draw_recovery_key();
    auto two = draw_recovery_key();
    assert_true(one && two);
    assert_string_not_equal(text_of(*one).c_str(), text_of(*two).c_str());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_half_byte_has_its_letter),
        cmocka_unit_test(groups_of_eight),
        cmocka_unit_test(no_two_alike),
    };
    return cmocka_run_group_tests_name("recovery key", tests, nullptr, nullptr);
}
