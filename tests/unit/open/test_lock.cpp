// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// LOCK: the request, and the check of what comes back.
#include "hsm4/open/lock.hpp"

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
std::string blob(const hsm4::Array<32>& bound) {
    return hsm4::to_hex(*hsm4::wire::cose::sign1(seed(), bound, view_of("sealed")));
}
const std::string head = "03" + repeated("bb", 32);

}  // namespace

static void a_key_is_sent_with_its_binding(void** /*state*/) {
    ScriptedChannel channel{{{head + "00"
                                     "03"
                                     "6b6579",
                              "00" + blob(binding)}}};
    auto locked = hsm4::open::lock_key(channel, verify_key(), view_of("key"), binding, {});
    assert_true(locked && hsm4::to_hex(*locked) == blob(binding));
}

static void a_pin_goes_before_the_key(void** /*state*/) {
    ScriptedChannel channel{{{head + "02"
                                     "3132"
                                     "03"
                                     "6b6579",
                              "00" + blob(binding)}}};
    assert_true(static_cast<bool>(
        hsm4::open::lock_key(channel, verify_key(), view_of("key"), binding, view_of("12"))));
}

static void a_locked_key_for_another_volume_is_unauthentic(void** /*state*/) {
    ScriptedChannel channel{{{"*", "00" + blob(filled<32>(0xbc))}}};
    auto locked = hsm4::open::lock_key(channel, verify_key(), view_of("key"), binding, {});
    assert_true(!locked && locked.error().code == Errc::unauthentic);
}

static void a_locked_key_with_a_changed_bit_is_refused(void** /*state*/) {
    const Bytes good = *hsm4::from_hex(blob(binding));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        ScriptedChannel channel{{{"*", "00" + hsm4::to_hex(bad)}}};
        assert_false(static_cast<bool>(
            hsm4::open::lock_key(channel, verify_key(), view_of("key"), binding, {})));
    }
}

static void a_locked_key_that_is_too_long_is_malformed(void** /*state*/) {
    ScriptedChannel channel{{{"*", "00" + repeated("00", 513)}}};
    auto locked = hsm4::open::lock_key(channel, verify_key(), view_of("key"), binding, {});
    assert_true(!locked && locked.error().code == Errc::malformed);
}

static void lengths_out_of_range_are_not_even_sent(void** /*state*/) {
    const Bytes key(64);
    ScriptedChannel channel{{}};
    const auto error_of = [&](hsm4::View sent, std::optional<hsm4::View> pin) {
        return hsm4::open::lock_key(channel, verify_key(), sent, binding, pin).error().code;
    };
    assert_true(error_of({}, {}) == Errc::usage);
    assert_true(error_of(Bytes(129), {}) == Errc::usage);
    assert_true(error_of(key, hsm4::View{}) == Errc::usage);
    assert_true(error_of(key, Bytes(65)) == Errc::usage);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_sent_with_its_binding),
        cmocka_unit_test(a_pin_goes_before_the_key),
        cmocka_unit_test(a_locked_key_for_another_volume_is_unauthentic),
        cmocka_unit_test(a_locked_key_with_a_changed_bit_is_refused),
        cmocka_unit_test(a_locked_key_that_is_too_long_is_malformed),
        cmocka_unit_test(lengths_out_of_range_are_not_even_sent),
    };
    return cmocka_run_group_tests_name("lock", tests, nullptr, nullptr);
}
