// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Proofs, lock-outs and bindings: what is kept, and what a failing memory must not change.
#include <optional>

#include "hsm4/device/core.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/device/test_memory.hpp"
#include "tests/unit/test_clock.hpp"

using hsm4::device::Core;
using hsm4::device::HostBinding;
using hsm4::device::Peer;
using hsm4::device::State;
using hsm4::wire::LifeCycle;
using namespace std::chrono_literals;

namespace {

struct Module {
    TestMemory memory;
    TestClock clock;
    std::optional<Core> core;

    Module() { start({}); }
    void start(State state) {
        auto started = Core::start(std::move(state), memory, clock);
        assert_true(static_cast<bool>(started));
        core.emplace(std::move(*started));
    }
    /// What a loss of power leaves.
    void restart() { start(memory.load()); }
};

HostBinding binding_of(std::uint8_t fill) {
    HostBinding binding;
    binding.salt.fill(std::byte{fill});
    std::ranges::fill(binding.psk.writable(), std::byte{fill});
    return binding;
}

constexpr Peer by_pending{true, 0, true, {}};
constexpr Peer by_active{true, 0, false, {}};

void bind(Module& module, std::uint8_t fill) {
    assert_true(static_cast<bool>(module.core->offer(0, binding_of(fill))));
    assert_true(static_cast<bool>(module.core->accept_proof(by_pending)));
}

bool active_is(const State& state, std::uint8_t fill) {
    return state.slots[0].active && state.slots[0].active->salt[0] == std::byte{fill};
}
bool pending_is(const State& state, std::uint8_t fill) {
    return state.slots[0].pending && state.slots[0].pending->salt[0] == std::byte{fill};
}

}  // namespace

static void an_offer_is_kept_and_binds_nobody_yet(void** /*state*/) {
    Module module;
    assert_true(static_cast<bool>(module.core->offer(0, binding_of(1))));
    module.restart();
    assert_true(pending_is(module.core->state(), 1) && !module.core->state().slots[0].active);
    assert_true(module.core->state().life_cycle == LifeCycle::unbound);
}

static void a_proof_of_the_offer_makes_it_the_binding(void** /*state*/) {
    Module module;
    bind(module, 1);
    bind(module, 2);
    module.restart();
    assert_true(active_is(module.core->state(), 2) && !module.core->state().slots[0].pending);
    assert_true(module.core->state().life_cycle == LifeCycle::development);
}

static void a_proof_of_the_old_binding_leaves_the_offer(void** /*state*/) {
    Module module;
    bind(module, 1);
    assert_true(static_cast<bool>(module.core->offer(0, binding_of(2))));
    assert_true(static_cast<bool>(module.core->accept_proof(by_active)));
    assert_true(active_is(module.core->state(), 1) && pending_is(module.core->state(), 2));
}

static void a_failing_memory_leaves_the_old_binding_in_force(void** /*state*/) {
    Module module;
    bind(module, 1);
    assert_true(static_cast<bool>(module.core->offer(0, binding_of(2))));
    module.memory.broken = true;
    assert_false(static_cast<bool>(module.core->offer(0, binding_of(3))));
    assert_true(pending_is(module.core->state(), 2));
    assert_false(static_cast<bool>(module.core->accept_proof(by_pending)));
    assert_true(active_is(module.core->state(), 1) && pending_is(module.core->state(), 2));
}

static void a_failing_memory_leaves_an_unbound_module_unbound(void** /*state*/) {
    Module module;
    assert_true(static_cast<bool>(module.core->offer(0, binding_of(1))));
    module.memory.broken = true;
    assert_false(static_cast<bool>(module.core->accept_proof(by_pending)));
    assert_true(module.core->state().life_cycle == LifeCycle::unbound);
    assert_int_equal(module.core->state_byte() & hsm4::wire::state_secure, 0);
}

static void a_failing_memory_keeps_the_count_of_wrong_proofs(void** /*state*/) {
    Module module;
    bind(module, 1);
    assert_true(static_cast<bool>(module.core->count_wrong_proof()));
    module.memory.broken = true;
    assert_false(static_cast<bool>(module.core->accept_proof(by_active)));
    assert_int_equal(module.core->state().wrong_proofs, 1);
}

static void a_count_that_cannot_be_kept_still_counts(void** /*state*/) {
    Module module;
    bind(module, 1);
    module.memory.broken = true;
    for (int at = 0; at < 3; ++at)
        assert_false(static_cast<bool>(module.core->count_wrong_proof()));
    assert_false(module.core->listens_to_proofs());
}

static void three_wrong_proofs_shut_the_module_until_power_cycle_and_delay(void** /*state*/) {
    Module module;
    bind(module, 1);
    for (int at = 0; at < 2; ++at) assert_true(static_cast<bool>(module.core->count_wrong_proof()));
    assert_true(module.core->listens_to_proofs());
    assert_true(static_cast<bool>(module.core->count_wrong_proof()));
    assert_false(module.core->listens_to_proofs());
    assert_int_equal(module.core->state_byte(), 0x21);  // development, compromised, not secure
    module.clock.pass(1h);                              // time alone does not help
    assert_false(module.core->listens_to_proofs());
    assert_true(static_cast<bool>(module.core->power_cycle()));
    assert_false(module.core->listens_to_proofs());
    assert_int_equal(module.core->delay_s(), 10);
    module.clock.pass(9999ms);
    assert_false(module.core->listens_to_proofs());
    module.clock.pass(1ms);
    assert_true(module.core->listens_to_proofs());
    assert_int_equal(module.core->state_byte(), 0x01);
}

static void losing_power_is_a_power_cycle_that_forgets_no_count(void** /*state*/) {
    Module module;
    bind(module, 1);
    for (int at = 0; at < 3; ++at) assert_true(static_cast<bool>(module.core->count_wrong_proof()));
    module.restart();
    assert_int_equal(module.core->state().wrong_proofs, 3);
    assert_int_equal(module.core->state().lockouts, 1);
    assert_int_equal(module.core->delay_s(), 10);
}

static void the_delay_doubles_up_to_an_hour(void** /*state*/) {
    Module module;
    bind(module, 1);
    for (int at = 0; at < 2; ++at) assert_true(static_cast<bool>(module.core->count_wrong_proof()));
    for (const unsigned delay :
         {10U, 20U, 40U, 80U, 160U, 320U, 640U, 1280U, 2560U, 3600U, 3600U}) {
        // The fourth, fifth... in a row locks out again, each.
        assert_true(static_cast<bool>(module.core->count_wrong_proof()));
        assert_true(static_cast<bool>(module.core->power_cycle()));
        assert_int_equal(module.core->delay_s(), delay);
        module.clock.pass(std::chrono::seconds{delay});
        assert_true(module.core->listens_to_proofs());
    }
}

static void a_good_proof_clears_the_counters(void** /*state*/) {
    Module module;
    bind(module, 1);
    for (int at = 0; at < 3; ++at) assert_true(static_cast<bool>(module.core->count_wrong_proof()));
    assert_true(static_cast<bool>(module.core->power_cycle()));
    module.clock.pass(10s);
    assert_true(static_cast<bool>(module.core->accept_proof(by_active)));
    module.restart();
    assert_int_equal(module.core->state().wrong_proofs, 0);
    assert_int_equal(module.core->state().lockouts, 0);
    assert_int_equal(module.core->delay_s(), 0);
}

static void a_proof_that_changes_nothing_writes_nothing(void** /*state*/) {
    Module module;
    bind(module, 1);
    const int before = module.memory.saves;
    for (int at = 0; at < 100; ++at)
        assert_true(static_cast<bool>(module.core->accept_proof(by_active)));
    assert_int_equal(module.memory.saves, before);
}

static void secure_lasts_until_the_power_goes(void** /*state*/) {
    Module module;
    bind(module, 1);
    assert_int_equal(module.core->state_byte(), 0x11);
    assert_true(static_cast<bool>(module.core->power_cycle()));
    assert_int_equal(module.core->state_byte(), 0x01);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_is_kept_and_binds_nobody_yet),
        cmocka_unit_test(a_proof_of_the_offer_makes_it_the_binding),
        cmocka_unit_test(a_proof_of_the_old_binding_leaves_the_offer),
        cmocka_unit_test(a_failing_memory_leaves_the_old_binding_in_force),
        cmocka_unit_test(a_failing_memory_leaves_an_unbound_module_unbound),
        cmocka_unit_test(a_failing_memory_keeps_the_count_of_wrong_proofs),
        cmocka_unit_test(a_count_that_cannot_be_kept_still_counts),
        cmocka_unit_test(three_wrong_proofs_shut_the_module_until_power_cycle_and_delay),
        cmocka_unit_test(losing_power_is_a_power_cycle_that_forgets_no_count),
        cmocka_unit_test(the_delay_doubles_up_to_an_hour),
        cmocka_unit_test(a_good_proof_clears_the_counters),
        cmocka_unit_test(a_proof_that_changes_nothing_writes_nothing),
        cmocka_unit_test(secure_lasts_until_the_power_goes),
    };
    return cmocka_run_group_tests_name("core", tests, nullptr, nullptr);
}
