// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The whole module, frame by frame: what it says outside a channel, and when a channel ends.
#include "hsm4/device/device.hpp"

#include <optional>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/device/test_memory.hpp"
#include "tests/unit/test_clock.hpp"

namespace t1 = hsm4::wire::t1;
using hsm4::Bytes;
using hsm4::View;
using hsm4::device::Device;
using hsm4::device::LedPattern;
using namespace std::chrono_literals;

namespace {

struct Module {
    TestMemory memory;
    TestClock clock;
    std::optional<Device> device;
    bool number = false;

    Module() {
        auto started = Device::start({}, memory, clock);
        assert_true(static_cast<bool>(started));
        device.emplace(std::move(*started));
    }
    /// The answer to one message, in hexadecimal.
    std::string ask(const std::string& hex) {
        const auto frame =
            t1::encode({t1::nad_host, t1::information_pcb(number, false), *hsm4::from_hex(hex)});
        number = !number;
        const auto answer = device->receive(*frame);
        assert_true(answer.has_value());
        return hsm4::to_hex(t1::decode(*answer)->inf);
    }
    void damage() { static_cast<void>(device->receive(Bytes(3))); }
};

std::string zeros(std::size_t count) { return hsm4::to_hex(Bytes(count)); }
constexpr const char* refused = "01";
constexpr const char* malformed = "04";
constexpr const char* wrong_state = "05";

}  // namespace

static void hello_tells_state_and_keys(void** /*state*/) {
    Module module;
    const auto& keys = module.device->core().keys();
    const std::string expected = "000100" + hsm4::to_hex(keys.module_id) +
                                 hsm4::to_hex(keys.channel.public_key) +
                                 hsm4::to_hex(keys.verify_key);
    assert_string_equal(module.ask("01").c_str(), expected.c_str());
}

static void anything_else_outside_a_channel_is_malformed(void** /*state*/) {
    Module module;
    for (const std::string& message :
         {std::string{"00"}, std::string{"04"}, std::string{"ff"}, std::string{"0100"},
          "02" + zeros(47), "02" + zeros(49), "0300" + zeros(47), "0300" + zeros(49)})
        assert_string_equal(module.ask(message).c_str(), malformed);
}

static void a_point_of_low_order_opens_no_channel(void** /*state*/) {
    Module module;
    assert_string_equal(module.ask("02" + zeros(48)).c_str(), refused);
}

static void an_unbound_module_listens_to_no_proof(void** /*state*/) {
    Module module;
    assert_string_equal(module.ask("0300" + zeros(48)).c_str(), wrong_state);
    assert_int_equal(module.device->core().state().wrong_proofs, 0);
}

static void a_wrong_proof_and_a_slot_without_binding_sound_the_same(void** /*state*/) {
    Module module;
    assert_true(static_cast<bool>(module.device->core().offer(0, {})));
    assert_true(static_cast<bool>(module.device->core().accept_proof({true, 0, true, {}})));
    assert_string_equal(module.ask("0300" + zeros(48)).c_str(), refused);
    assert_string_equal(module.ask("0303" + zeros(48)).c_str(), refused);
    assert_int_equal(module.memory.load().wrong_proofs, 2);
    assert_string_equal(module.ask("03ff" + zeros(48)).c_str(), refused);
    assert_string_equal(module.ask("0300" + zeros(48)).c_str(), wrong_state);  // three: shut
    assert_int_equal(module.memory.load().wrong_proofs, 3);
}

static void a_second_of_silence_ends_the_exchange(void** /*state*/) {
    Module module;
    static_cast<void>(module.ask("01"));
    module.clock.pass(999ms);
    module.number = false;  // seen already: a repetition
    static_cast<void>(module.ask("00"));
    module.clock.pass(1s);
    module.number = false;
    assert_string_equal(module.ask("00").c_str(), malformed);
}

static void the_led_tells_the_state(void** /*state*/) {
    Module module;
    assert_true(module.device->led() == LedPattern::searching);
    auto& core = module.device->core();
    assert_true(static_cast<bool>(core.offer(0, {})));
    assert_true(static_cast<bool>(core.accept_proof({true, 0, true, {}})));
    assert_true(module.device->led() == LedPattern::development);
    for (int at = 0; at < 3; ++at) module.damage();
    assert_true(module.device->led() == LedPattern::interrupted);
    static_cast<void>(module.ask("01"));
    assert_true(module.device->led() == LedPattern::development);
    assert_true(static_cast<bool>(core.lock_binding(1)));
    assert_true(module.device->led() == LedPattern::production);
    for (int at = 0; at < 3; ++at) assert_true(static_cast<bool>(core.count_wrong_proof()));
    assert_true(module.device->led() == LedPattern::locked_out);
    assert_true(static_cast<bool>(module.device->power_cycle()));
    module.clock.pass(10s);
    assert_true(module.device->led() == LedPattern::searching);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(hello_tells_state_and_keys),
        cmocka_unit_test(anything_else_outside_a_channel_is_malformed),
        cmocka_unit_test(a_point_of_low_order_opens_no_channel),
        cmocka_unit_test(an_unbound_module_listens_to_no_proof),
        cmocka_unit_test(a_wrong_proof_and_a_slot_without_binding_sound_the_same),
        cmocka_unit_test(a_second_of_silence_ends_the_exchange),
        cmocka_unit_test(the_led_tells_the_state),
    };
    return cmocka_run_group_tests_name("device", tests, nullptr, nullptr);
}
