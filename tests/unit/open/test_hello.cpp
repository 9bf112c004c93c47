// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// HELLO: what is taken for a module.
#include "hsm4/open/hello.hpp"

#include "hsm4/wire/protocol.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_transport.hpp"

using hsm4::Bytes;
using hsm4::Deadline;
using hsm4::Errc;
using namespace script;

namespace {

/// 0 | version | state | module id | keys
Bytes greeting() {
    hsm4::crypto::PublicKey channel_key{};
    hsm4::crypto::PublicKey verify_key{};
    channel_key.fill(std::byte{1});
    verify_key.fill(std::byte{2});
    Bytes bytes = *hsm4::from_hex("000111");
    hsm4::append(bytes, *hsm4::wire::module_id_of(channel_key, verify_key));
    hsm4::append(bytes, channel_key);
    hsm4::append(bytes, verify_key);
    return bytes;
}

hsm4::Result<hsm4::open::Hello> greet(const Bytes& greeting) {
    TestClock clock;
    ScriptedTransport bus{clock, {expect(I0, *hsm4::from_hex("01")), answer(I0, greeting)}};
    hsm4::open::Link link{bus};
    auto hello = hsm4::open::hello(link, Deadline{clock, std::chrono::seconds{1}});
    assert_true(bus.satisfied());
    return hello;
}

}  // namespace

static void a_module_says_its_name(void** /*state*/) {
    auto hello = greet(greeting());
    assert_true(static_cast<bool>(hello));
    assert_int_equal(hello->protocol_version, 1);
    assert_true(hello->status.life_cycle == hsm4::LifeCycle::development && hello->status.secure);
    assert_true(hello->keys.verify_key[31] == std::byte{2});
}

static void an_id_that_does_not_fit_the_keys_is_unauthentic(void** /*state*/) {
    for (const std::size_t at : {std::size_t{3}, std::size_t{20}, std::size_t{82}}) {
        Bytes bad = greeting();
        bad[at] ^= std::byte{0x10};
        assert_true(greet(bad).error().code == Errc::unauthentic);
    }
}

static void another_version_length_or_state_is_malformed(void** /*state*/) {
    Bytes version = greeting();
    version[1] = std::byte{2};
    Bytes status = greeting();
    status[0] = std::byte{1};
    Bytes state = greeting();
    state[2] = std::byte{3};
    Bytes longer = greeting();
    longer.push_back(std::byte{});
    Bytes shorter = greeting();
    shorter.pop_back();
    for (const Bytes& bad : {version, status, state, longer, shorter, Bytes(2), Bytes(254)})
        assert_true(greet(bad).error().code == Errc::malformed);
}

static void a_refusal_is_passed_up(void** /*state*/) {
    assert_true(greet(*hsm4::from_hex("01")).error().code == Errc::refused);
    assert_true(greet(*hsm4::from_hex("04")).error().code == Errc::malformed);
}

static void keys_and_id_are_checked_together(void** /*state*/) {
    auto hello = greet(greeting());
    assert_true(static_cast<bool>(hsm4::open::check_module_id(hello->keys)));
    hello->keys.verify_key[0] ^= std::byte{1};
    assert_true(hsm4::open::check_module_id(hello->keys).error().code == Errc::unauthentic);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_module_says_its_name),
        cmocka_unit_test(an_id_that_does_not_fit_the_keys_is_unauthentic),
        cmocka_unit_test(another_version_length_or_state_is_malformed),
        cmocka_unit_test(a_refusal_is_passed_up),
        cmocka_unit_test(keys_and_id_are_checked_together),
    };
    return cmocka_run_group_tests_name("hello", tests, nullptr, nullptr);
}
