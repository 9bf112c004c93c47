// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The table of commands: which channel may use them, when they are shut, and what is malformed.
#include "hsm4/device/services.hpp"

#include <optional>
#include <set>

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/device/test_memory.hpp"
#include "tests/unit/test_clock.hpp"

using hsm4::Bytes;
using hsm4::SecretBytes;
using hsm4::View;
using hsm4::device::Core;
using hsm4::device::HostBinding;
using hsm4::device::Peer;
using hsm4::device::Session;
using hsm4::wire::Answer;
using hsm4::wire::LifeCycle;
using hsm4::wire::Opcode;
using namespace std::chrono_literals;

namespace {

const std::set<std::uint8_t> for_anybody = {0x01, 0x02};
const std::set<std::uint8_t> by_key = {0x10, 0x11};
constexpr std::uint8_t last_by_psk = 0x0e;

/// A module in development, whose host has slot 0.
struct Module {
    TestMemory memory;
    TestClock clock;
    std::optional<Core> core;
    Session proven;
    Session stranger;

    Module() {
        auto started = Core::start({}, memory, clock);
        assert_true(static_cast<bool>(started));
        core.emplace(std::move(*started));
        assert_true(static_cast<bool>(core->offer(0, HostBinding{})));
        proven.peer = Peer{true, 0, true, {}};
        assert_true(static_cast<bool>(core->accept_proof(proven.peer)));
    }

    Answer ask(Session& session, const std::string& hex) {
        last = serve(*core, session, *hsm4::from_hex(hex));
        return static_cast<Answer>(last.view().front());
    }
    Answer ask(const std::string& hex) { return ask(proven, hex); }
    std::string fields() const { return hsm4::to_hex(last.view().subspan(1)); }

    SecretBytes last;
};

std::string hex_of(std::uint8_t byte) { return hsm4::to_hex(Bytes{std::byte{byte}}); }
std::string zeros(std::size_t count) { return hsm4::to_hex(Bytes(count)); }
const std::string a_key = zeros(32) + "00" + "03" + "6b6579";  // no PIN

bool is_known(std::uint8_t opcode) {
    return (opcode != 0 && opcode <= last_by_psk) || by_key.contains(opcode);
}

}  // namespace

static void only_what_the_page_names_is_known(void** /*state*/) {
    Module module;
    for (unsigned opcode = 0; opcode < 256; ++opcode) {
        const auto byte = static_cast<std::uint8_t>(opcode);
        const bool unknown = module.ask(hex_of(byte)) == Answer::unknown;
        assert_true(unknown == !is_known(byte));
    }
    assert_true(module.ask("") == Answer::malformed);
}

static void a_stranger_gets_no_service_of_a_proven_host(void** /*state*/) {
    Module module;
    for (std::uint8_t opcode = 1; opcode <= last_by_psk; ++opcode) {
        const bool refused = module.ask(module.stranger, hex_of(opcode)) == Answer::refused;
        assert_true(refused == !for_anybody.contains(opcode));
    }
}

static void a_proven_host_does_not_bind_in_its_channel(void** /*state*/) {
    Module module;
    for (const std::uint8_t opcode : by_key)
        assert_true(module.ask(hex_of(opcode)) == Answer::refused);
}

static void a_byte_more_or_less_is_malformed(void** /*state*/) {
    for (const std::string& request :
         {std::string{"01"}, std::string{"02"}, "03" + a_key, std::string{"0610"}, "07" + zeros(32),
          std::string{"0800000000000000"}, std::string{"0900"}, std::string{"090100000001"},
          std::string{"0a00"}, std::string{"0a010001"}, std::string{"0a020000000a"},
          std::string{"0a0305"}, std::string{"0b00"}, std::string{"0c0100000000"}, "0e" + a_key}) {
        Module module;
        assert_true(module.ask(request) == Answer::ok);
        Module longer;
        assert_true(longer.ask(request + "00") == Answer::malformed);
        if (request.size() == 2) continue;
        Module shorter;
        assert_true(shorter.ask(request.substr(0, request.size() - 2)) == Answer::malformed);
    }
}

static void an_overdue_host_may_attest_and_little_else(void** /*state*/) {
    Module module;
    assert_true(module.ask("0a020000000a") == Answer::ok);
    module.clock.pass(10s);
    for (std::uint8_t opcode = 3; opcode <= last_by_psk; ++opcode) {
        if (opcode == 0x07 || opcode == 0x08) continue;  // ATTEST, LED
        assert_true(module.ask(hex_of(opcode)) == Answer::wrong_state);
    }
    assert_true(module.ask("0801000000000000") == Answer::ok);
    assert_true(module.ask("07" + zeros(32)) == Answer::ok);
    assert_true(module.ask("0608") == Answer::ok);
}

static void a_locked_key_opens_by_its_binding_alone(void** /*state*/) {
    Module module;
    assert_true(module.ask("03" + a_key) == Answer::ok);
    const std::string locked = module.fields();
    assert_true(module.ask("04" + zeros(32) + locked) == Answer::ok);
    assert_string_equal(module.fields().c_str(), "6b6579");
    assert_true(module.ask("04" + zeros(31) + "01" + locked) == Answer::refused);
    assert_true(module.fields().empty());
    assert_true(module.ask("04" + zeros(32)) == Answer::refused);
    assert_true(module.ask("04" + zeros(31)) == Answer::malformed);
    assert_int_equal(module.core->statistics().unlocks, 1);
    assert_int_equal(module.core->statistics().refusals, 2);
}

static void a_try_is_counted_before_the_pin_is_looked_at(void** /*state*/) {
    Module module;
    const std::string key = zeros(32) + "04" + "31323334" + "03" + "6b6579";
    assert_true(module.ask("03" + key) == Answer::ok);
    const std::string locked = module.fields();
    assert_true(module.ask("04" + zeros(32) + locked) == Answer::bad_pin);
    assert_string_equal(module.fields().c_str(), "05");  // nothing counted
    module.memory.broken = true;
    assert_true(module.ask("05" + zeros(32) + "0431323334" + locked) == Answer::failure);
    assert_true(module.fields().empty());
    module.memory.broken = false;
    assert_true(module.ask("05" + zeros(32) + "0431323335" + locked) == Answer::bad_pin);
    assert_int_equal(module.memory.load().pins.front().tries_left, 3);
    assert_true(module.ask("05" + zeros(32) + "0431323334" + locked) == Answer::ok);
    assert_int_equal(module.memory.load().pins.front().tries_left, 5);
    assert_true(module.memory.load().pins.front().used);
}

static void the_last_wrong_try_locks_the_pin_for_good(void** /*state*/) {
    Module module;
    assert_true(module.ask("0a0302") == Answer::ok);
    assert_true(module.ask("03" + zeros(32) + "0131" + "016b") == Answer::ok);
    const std::string locked = module.fields();
    assert_true(module.ask("05" + zeros(32) + "0132" + locked) == Answer::bad_pin);
    assert_true(module.ask("05" + zeros(32) + "0132" + locked) == Answer::pin_locked);
    assert_true(module.ask("05" + zeros(32) + "0131" + locked) == Answer::pin_locked);
    assert_true(module.ask("04" + zeros(32) + locked) == Answer::pin_locked);
    assert_int_equal(module.core->state().log.events.size(), 1);
}

static void binding_needs_a_salt_of_this_very_channel(void** /*state*/) {
    Module module;
    const std::string psk = zeros(32);
    assert_true(module.ask(module.stranger, "1101" + psk) == Answer::refused);
    assert_true(module.ask(module.stranger, "1004") == Answer::malformed);
    assert_true(module.ask(module.stranger, "1001") == Answer::ok);
    assert_int_equal(module.last.size(), 33);
    assert_true(module.ask(module.stranger, "1102" + psk) == Answer::refused);  // another slot
    assert_true(module.ask(module.stranger, "1101" + psk) == Answer::ok);
    assert_true(module.ask(module.stranger, "1101" + psk) == Answer::refused);  // once
    assert_true(module.core->state().slots[1].pending.has_value());
}

static void a_compromised_module_takes_no_binding(void** /*state*/) {
    Module module;
    for (int at = 0; at < 3; ++at) assert_true(static_cast<bool>(module.core->count_wrong_proof()));
    assert_true(module.ask(module.stranger, "1000") == Answer::wrong_state);
    assert_true(module.ask(module.stranger, "02") == Answer::ok);
}

static void production_keeps_the_hosts_own_slot_at_least(void** /*state*/) {
    Module module;
    assert_true(module.ask("0d02") == Answer::malformed);
    assert_true(module.ask("0d11") == Answer::malformed);
    assert_true(module.ask("0d01") == Answer::ok);
    assert_true(module.core->state().life_cycle == LifeCycle::production);
    assert_true(module.ask("0d01") == Answer::wrong_state);
    assert_true(module.ask(module.stranger, "1000") == Answer::wrong_state);
}

static void a_revocation_may_be_asked_for_twice_and_happens_once(void** /*state*/) {
    Module module;
    assert_true(module.ask("0c0100000000") == Answer::ok);
    assert_string_equal(module.fields().c_str(), "00000001");
    assert_true(module.ask("0c0100000000") == Answer::ok);
    assert_string_equal(module.fields().c_str(), "00000001");
    assert_true(module.ask("0c0100000002") == Answer::wrong_state);
    assert_true(module.ask("0c01ffffffff") == Answer::wrong_state);
    assert_int_equal(module.memory.load().generation, 1);
}

static void a_memory_that_fails_is_a_failure_and_no_service(void** /*state*/) {
    for (const std::string& request :
         {std::string{"0a010001"}, std::string{"0a0305"}, std::string{"0c0100000000"},
          std::string{"0d01"}, "03" + zeros(32) + "0131" + "016b"}) {
        Module module;
        module.memory.broken = true;
        assert_true(module.ask(request) == Answer::failure);
        assert_true(module.fields().empty());
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(only_what_the_page_names_is_known),
        cmocka_unit_test(a_stranger_gets_no_service_of_a_proven_host),
        cmocka_unit_test(a_proven_host_does_not_bind_in_its_channel),
        cmocka_unit_test(a_byte_more_or_less_is_malformed),
        cmocka_unit_test(an_overdue_host_may_attest_and_little_else),
        cmocka_unit_test(a_locked_key_opens_by_its_binding_alone),
        cmocka_unit_test(a_try_is_counted_before_the_pin_is_looked_at),
        cmocka_unit_test(the_last_wrong_try_locks_the_pin_for_good),
        cmocka_unit_test(binding_needs_a_salt_of_this_very_channel),
        cmocka_unit_test(a_compromised_module_takes_no_binding),
        cmocka_unit_test(production_keeps_the_hosts_own_slot_at_least),
        cmocka_unit_test(a_revocation_may_be_asked_for_twice_and_happens_once),
        cmocka_unit_test(a_memory_that_fails_is_a_failure_and_no_service),
    };
    return cmocka_run_group_tests_name("services", tests, nullptr, nullptr);
}
