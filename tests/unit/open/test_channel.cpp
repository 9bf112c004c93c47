// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Opening a channel and asking in it, against the responder's half of the handshake.
#include "hsm4/open/channel.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/device_transport.hpp"
#include "tests/unit/open/scripted_transport.hpp"

using hsm4::Bytes;
using hsm4::Deadline;
using hsm4::Errc;
using hsm4::open::Link;
using hsm4::open::NoiseChannel;
using namespace std::chrono_literals;

namespace {

struct World {
    TestModule module;
    DeviceTransport bus{module};
    Link link{bus};
    Deadline deadline{module.clock, 10s};

    hsm4::ModuleKeys keys() {
        const auto& own = module.device->core().keys();
        return {own.module_id, own.channel.public_key, own.verify_key};
    }
};

const hsm4::Array<1> status_request{std::byte{2}};

/// What opening a channel ends in, when the module answers with this message.
Errc error_of_opening(const Bytes& answer) {
    TestClock clock;
    struct Fixed final : hsm4::open::Transport {
        Bytes message;
        hsm4::Status acquire(const Deadline&) override { return hsm4::ok(); }
        void release() noexcept override {}
        hsm4::Status write(hsm4::View, const Deadline&) override { return hsm4::ok(); }
        hsm4::Result<Bytes> read(const Deadline&) override {
            return script::block(0x12, 0, message);
        }
        void reset() noexcept override {}
        bool is_shared_bus() const noexcept override { return false; }
    } bus;
    bus.message = answer;
    Link link{bus};
    auto pair = hsm4::crypto::x25519_generate();
    auto channel = NoiseChannel::open_nk(link, {{}, pair->public_key, {}}, Deadline{clock, 10s});
    return channel ? Errc::usage : channel.error().code;
}

}  // namespace

static void a_command_goes_there_and_back(void** /*state*/) {
    World world;
    auto channel = NoiseChannel::open_nk(world.link, world.keys(), world.deadline);
    assert_true(static_cast<bool>(channel));
    for (int at = 0; at < 3; ++at) {
        auto answer = channel->request(status_request);
        assert_true(answer && answer->view()[0] == std::byte{0});
    }
}

static void each_run_has_a_hash_of_its_own(void** /*state*/) {
    World one;
    World other;
    auto here = NoiseChannel::open_nk(one.link, one.keys(), one.deadline);
    auto there = NoiseChannel::open_nk(other.link, other.keys(), other.deadline);
    assert_true(here->handshake_hash() != there->handshake_hash());
}

static void a_refusal_in_clear_is_told_by_its_status(void** /*state*/) {
    assert_true(error_of_opening(*hsm4::from_hex("01")) == Errc::refused);
    assert_true(error_of_opening(*hsm4::from_hex("05")) == Errc::wrong_state);
    for (const char* other : {"00", "02", "03", "04", "06", "07", "ff"})
        assert_true(error_of_opening(*hsm4::from_hex(other)) == Errc::malformed);
}

static void an_answer_of_another_length_is_malformed(void** /*state*/) {
    for (const std::size_t size : {0U, 2U, 47U, 49U, 254U})
        assert_true(error_of_opening(Bytes(size)) == Errc::malformed);
}

static void an_answer_without_the_modules_key_is_unauthentic(void** /*state*/) {
    auto pair = hsm4::crypto::x25519_generate();
    Bytes message2{pair->public_key.begin(), pair->public_key.end()};
    message2.resize(48);
    assert_true(error_of_opening(message2) == Errc::unauthentic);
    assert_true(error_of_opening(Bytes(48)) == Errc::unauthentic);  // a point of low order
}

static void a_module_that_lost_the_channel_is_a_fault_of_the_link(void** /*state*/) {
    World world;
    auto channel = NoiseChannel::open_nk(world.link, world.keys(), world.deadline);
    world.module.device->end_exchange();
    // The number of the next block is 1, which the module takes for a repetition.
    world.bus.to_module = [](Bytes& block) { block = script::block(0x21, 0x00, Bytes(17)); };
    world.bus.to_host = [](Bytes& block) {
        auto decoded = hsm4::wire::t1::decode(block);
        block = script::block(0x12, 0x40, decoded->inf);
    };
    assert_true(channel->request(status_request).error().code == Errc::bus);
}

static void an_answer_that_was_changed_is_unauthentic(void** /*state*/) {
    World world;
    auto channel = NoiseChannel::open_nk(world.link, world.keys(), world.deadline);
    world.bus.to_host = [](Bytes& block) {
        auto decoded = hsm4::wire::t1::decode(block);
        decoded->inf[3] ^= std::byte{1};
        block = *hsm4::wire::t1::encode(*decoded);
    };
    assert_true(channel->request(status_request).error().code == Errc::unauthentic);
}

static void a_request_that_was_changed_is_refused(void** /*state*/) {
    World world;
    auto channel = NoiseChannel::open_nk(world.link, world.keys(), world.deadline);
    world.bus.to_module = [](Bytes& block) {
        auto decoded = hsm4::wire::t1::decode(block);
        decoded->inf[0] ^= std::byte{1};
        block = *hsm4::wire::t1::encode(*decoded);
    };
    assert_true(channel->request(status_request).error().code == Errc::refused);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_command_goes_there_and_back),
        cmocka_unit_test(each_run_has_a_hash_of_its_own),
        cmocka_unit_test(a_refusal_in_clear_is_told_by_its_status),
        cmocka_unit_test(an_answer_of_another_length_is_malformed),
        cmocka_unit_test(an_answer_without_the_modules_key_is_unauthentic),
        cmocka_unit_test(a_module_that_lost_the_channel_is_a_fault_of_the_link),
        cmocka_unit_test(an_answer_that_was_changed_is_unauthentic),
        cmocka_unit_test(a_request_that_was_changed_is_refused),
    };
    return cmocka_run_group_tests_name("channel", tests, nullptr, nullptr);
}
