// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// BIND_PREPARE and BIND_OFFER.
#include "hsm4/open/bind.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;
using hsm4::Error;
using hsm4::Result;
using hsm4::Secret;

namespace {

/// The salt, turned around by one bit.
Result<Secret<32>> derive(const hsm4::Array<32>& salt) {
    Secret<32> psk{salt};
    psk.writable()[0] ^= std::byte{1};
    return psk;
}
const std::string salt = repeated("aa", 32);
const std::string psk = "ab" + repeated("aa", 31);

}  // namespace

static void the_secret_is_made_of_the_modules_salt(void** /*state*/) {
    ScriptedChannel channel{{{"1002", "00" + salt}, {"1102" + psk, "00"}}};
    auto used = hsm4::open::offer_key(channel, 2, derive);
    assert_true(used && *used == filled<32>(0xaa) && channel.satisfied());
}

static void a_secret_that_cannot_be_made_is_not_offered(void** /*state*/) {
    ScriptedChannel channel{{{"1002", "00" + salt}}};
    auto used = hsm4::open::offer_key(channel, 2, [](const hsm4::Array<32>&) -> Result<Secret<32>> {
        return Error{Errc::identity, "test"};
    });
    assert_true(!used && used.error().code == Errc::identity && channel.satisfied());
}

static void salts_of_another_length_are_malformed(void** /*state*/) {
    for (const std::string& answer :
         {std::string{"00"}, "00" + salt + "aa", "00" + salt.substr(2)}) {
        ScriptedChannel channel{{{"1000", answer}}};
        assert_true(hsm4::open::offer_key(channel, 0, derive).error().code == Errc::malformed);
    }
}

static void refusals_are_passed_up(void** /*state*/) {
    ScriptedChannel first{{{"1000", "05"}}};
    assert_true(hsm4::open::offer_key(first, 0, derive).error().code == Errc::wrong_state);
    ScriptedChannel second{{{"1000", "00" + salt}, {"1100" + psk, "01"}}};
    assert_true(hsm4::open::offer_key(second, 0, derive).error().code == Errc::refused);
    ScriptedChannel third{{{"1000", "00" + salt}, {"1100" + psk, "0000"}}};
    assert_true(hsm4::open::offer_key(third, 0, derive).error().code == Errc::malformed);
}

static void slots_that_do_not_exist_are_not_even_sent(void** /*state*/) {
    ScriptedChannel channel{{}};
    assert_true(hsm4::open::offer_key(channel, 4, derive).error().code == Errc::usage);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_secret_is_made_of_the_modules_salt),
        cmocka_unit_test(a_secret_that_cannot_be_made_is_not_offered),
        cmocka_unit_test(salts_of_another_length_are_malformed),
        cmocka_unit_test(refusals_are_passed_up),
        cmocka_unit_test(slots_that_do_not_exist_are_not_even_sent),
    };
    return cmocka_run_group_tests_name("bind", tests, nullptr, nullptr);
}
