// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The state as bytes: there and back, and everything that is not exactly so.
#include "hsm4/device/state.hpp"

#include <limits>

#include "hsm4/cbor.hpp"
#include "hsm4/crypto.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::View;
using hsm4::device::HostBinding;
using hsm4::device::State;
using hsm4::wire::EventKind;
using hsm4::wire::LifeCycle;
using hsm4::wire::PerimeterAction;

namespace {

HostBinding binding_of(std::uint8_t fill) {
    HostBinding binding;
    binding.salt.fill(std::byte{fill});
    std::ranges::fill(binding.psk.writable(), std::byte{fill});
    return binding;
}

/// Something in every field.
State full_state() {
    State state;
    std::ranges::fill(state.device_secret.writable(), std::byte{0xd5});
    state.remains.emplace();
    state.remains->channel_key.fill(std::byte{1});
    state.life_cycle = LifeCycle::production;
    state.generation = 0x80000001;
    state.slots[0].active = binding_of(0xa0);
    state.slots[3].active = binding_of(0xa3);
    state.slots[3].pending = binding_of(0xb3);
    state.wrong_proofs = 2;
    state.lockouts = 3;
    state.power_ons = std::numeric_limits<std::uint32_t>::max();
    state.last_pin = 9;
    state.pins = {{8, 1, 5, true}, {9, 2, 0, false}};
    state.policy.channels[1] = {PerimeterAction::self_destruct, false};
    state.policy.attest_interval_s = 60;
    state.policy.pin_tries = 20;
    state.log.last_number = 7;
    state.log.lost = 1;
    state.log.events = {{7, EventKind::production, 1, std::numeric_limits<std::uint64_t>::max()}};
    return state;
}

Bytes encoded(const State& state) {
    auto bytes = encode_state(state);
    assert_true(static_cast<bool>(bytes));
    return {bytes->view().begin(), bytes->view().end()};
}

/// The same body with a hash that is right again.
Bytes sealed(View body) {
    Bytes all{body.begin(), body.end()};
    hsm4::append(all, *hsm4::crypto::sha256(body));
    return all;
}

bool is_damaged(View bytes) {
    auto state = hsm4::device::decode_state(bytes);
    return !state && state.error().code == Errc::malformed;
}

}  // namespace

static void everything_comes_back(void** /*state*/) {
    const State before = full_state();
    auto after = hsm4::device::decode_state(encoded(before));
    assert_true(static_cast<bool>(after));
    assert_true(encoded(*after) == encoded(before));
    assert_true(after->remains && after->life_cycle == LifeCycle::production);
    assert_int_equal(after->generation, 0x80000001);
    assert_true(after->slots[3].pending && !after->slots[0].pending && !after->slots[1].active);
    assert_memory_equal(after->slots[3].active->psk.view().data(),
                        before.slots[3].active->psk.view().data(), 32);
    assert_int_equal(after->pins[1].id, 9);
    assert_false(after->policy.channels[1].armed);
    assert_true(after->log.events[0].kind == EventKind::production);
}

static void a_fresh_one_comes_back(void** /*state*/) {
    auto after = hsm4::device::decode_state(encoded(State{}));
    assert_true(after && after->life_cycle == LifeCycle::unbound && !after->remains);
    assert_int_equal(after->policy.pin_tries, 5);
}

static void every_bit_counts(void** /*state*/) {
    const Bytes good = encoded(full_state());
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        assert_true(is_damaged(bad));
    }
}

static void every_other_length_is_damaged(void** /*state*/) {
    const Bytes good = encoded(full_state());
    for (std::size_t size = 0; size < good.size(); ++size)
        assert_true(is_damaged(View{good}.first(size)));
    Bytes longer = good;
    longer.push_back(std::byte{0});
    assert_true(is_damaged(longer));
}

static void a_right_hash_does_not_make_nonsense_a_state(void** /*state*/) {
    const Bytes good = encoded(full_state());
    const View body = View{good}.first(good.size() - hsm4::crypto::hash_size);
    assert_true(static_cast<bool>(hsm4::device::decode_state(sealed(body))));
    assert_true(is_damaged(sealed({})));
    for (std::size_t size = 0; size < body.size(); ++size)
        assert_true(is_damaged(sealed(body.first(size))));
    // Whatever a damaged body says, it is refused or read to its end; nothing in between.
    for (std::size_t bit = 0; bit < 8 * body.size(); ++bit) {
        Bytes bad{body.begin(), body.end()};
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        auto state = hsm4::device::decode_state(sealed(bad));
        if (state) assert_true(encoded(*state) == sealed(bad));
    }
}

static void values_out_of_range_are_damage(void** /*state*/) {
    const auto spoilt = [](auto change) {
        State state = full_state();
        change(state);
        return is_damaged(encoded(state));
    };
    assert_false(spoilt([](State&) {}));
    assert_true(spoilt([](State& state) { state.policy.pin_tries = 0; }));
    assert_true(spoilt([](State& state) { state.policy.pin_tries = 21; }));
    assert_true(spoilt([](State& state) { state.pins[0].tries_left = 21; }));
    assert_true(spoilt([](State& state) { state.pins.resize(17); }));
    assert_true(spoilt([](State& state) { state.log.events.resize(33); }));
    assert_true(spoilt([](State& state) { state.log.events[0].kind = EventKind{8}; }));
    assert_true(spoilt([](State& state) { state.log.events[0].kind = EventKind{0}; }));
    assert_true(spoilt([](State& state) { state.life_cycle = LifeCycle{3}; }));
    assert_true(spoilt([](State& state) { state.policy.channels[0].action = PerimeterAction{3}; }));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(everything_comes_back),
        cmocka_unit_test(a_fresh_one_comes_back),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(every_other_length_is_damaged),
        cmocka_unit_test(a_right_hash_does_not_make_nonsense_a_state),
        cmocka_unit_test(values_out_of_range_are_damage),
    };
    return cmocka_run_group_tests_name("state", tests, nullptr, nullptr);
}
