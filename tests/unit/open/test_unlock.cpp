// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// UNLOCK: the check before anything is sent, the request, and the answer.
#include "hsm4/open/unlock.hpp"

#include "hsm4/wire/cose.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::view_of;

namespace {

const auto binding = filled<32>(0xbb);
hsm4::Secret<32> seed() { return hsm4::Secret<32>{filled<32>(5)}; }
hsm4::crypto::PublicKey verify_key() { return *hsm4::crypto::ed25519_public(seed().view()); }
Bytes blob() { return *hsm4::wire::cose::sign1(seed(), binding, view_of("sealed")); }

Errc error_of_check(const Bytes& locked, const hsm4::Array<32>& bound) {
    auto genuine = hsm4::open::check_locked_key(verify_key(), locked, bound);
    return genuine ? Errc::usage : genuine.error().code;
}

}  // namespace

static void only_what_the_module_signed_for_this_volume_is_sent(void** /*state*/) {
    assert_true(static_cast<bool>(hsm4::open::check_locked_key(verify_key(), blob(), binding)));
    assert_true(error_of_check(blob(), filled<32>(0xbc)) == Errc::unauthentic);
    assert_true(error_of_check({}, binding) == Errc::malformed);
    assert_true(error_of_check(Bytes(513), binding) == Errc::malformed);
    assert_true(error_of_check(Bytes(200), binding) == Errc::malformed);
    const Bytes good = blob();
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        assert_true(error_of_check(bad, binding) != Errc::usage);
    }
}

static void without_pin(void** /*state*/) {
    ScriptedChannel channel{{{"04" + repeated("bb", 32) + "626c6f62", "006b6579"}}};
    auto key = hsm4::open::unlock_key(channel, view_of("blob"), binding, {});
    assert_true(key && std::ranges::equal(key->view(), view_of("key")));
}

static void with_pin(void** /*state*/) {
    ScriptedChannel channel{{{"05" + repeated("bb", 32) +
                                  "023132"
                                  "626c6f62",
                              "006b6579"}}};
    assert_true(static_cast<bool>(
        hsm4::open::unlock_key(channel, view_of("blob"), binding, view_of("12"))));
}

static void a_wrong_pin_is_told_apart_from_a_locked_one(void** /*state*/) {
    ScriptedChannel wrong{{{"*", "0202"}}};
    auto key = hsm4::open::unlock_key(wrong, view_of("blob"), binding, view_of("12"));
    assert_true(!key && key.error().code == Errc::bad_pin && key.error().detail == 2);
    ScriptedChannel locked{{{"*", "03"}}};
    assert_true(
        hsm4::open::unlock_key(locked, view_of("blob"), binding, view_of("12")).error().code ==
        Errc::pin_locked);
}

static void keys_of_another_length_are_malformed(void** /*state*/) {
    for (const std::string& answer : {std::string{"00"}, "00" + repeated("6b", 129)}) {
        ScriptedChannel channel{{{"*", answer}}};
        assert_true(hsm4::open::unlock_key(channel, view_of("blob"), binding, {}).error().code ==
                    Errc::malformed);
    }
}

static void lengths_out_of_range_are_not_even_sent(void** /*state*/) {
    ScriptedChannel channel{{}};
    const auto error_of = [&](hsm4::View locked, std::optional<hsm4::View> pin) {
        return hsm4::open::unlock_key(channel, locked, binding, pin).error().code;
    };
    assert_true(error_of(view_of("blob"), hsm4::View{}) == Errc::usage);
    assert_true(error_of(view_of("blob"), Bytes(65)) == Errc::usage);
    assert_true(error_of(Bytes(1000), {}) == Errc::malformed);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_module_signed_for_this_volume_is_sent),
        cmocka_unit_test(without_pin),
        cmocka_unit_test(with_pin),
        cmocka_unit_test(a_wrong_pin_is_told_apart_from_a_locked_one),
        cmocka_unit_test(keys_of_another_length_are_malformed),
        cmocka_unit_test(lengths_out_of_range_are_not_even_sent),
    };
    return cmocka_run_group_tests_name("unlock", tests, nullptr, nullptr);
}
