// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The whole client against the module's own code: bind, lock, unlock, and every lie on the way.
#include "hsm4/open/open_module.hpp"

#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/device_transport.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::ModuleKeys;
using hsm4::Secret;
using hsm4::View;
using hsm4::open::Credentials;
using hsm4::open::OpenModule;
using namespace std::chrono_literals;

namespace {

constexpr auto budget = 10000ms;
const hsm4::VolumeBinding volume{};
const Bytes key(64, std::byte{0x6b});

/// A host and its module. `host` sees the binding made by bind().
struct World {
    TestModule module;
    DeviceTransport* bus = nullptr;
    std::optional<Credentials> credentials;

    std::unique_ptr<OpenModule> host() { return host(copy()); }
    std::unique_ptr<OpenModule> host(std::optional<Credentials> with) {
        auto transport = std::make_unique<DeviceTransport>(module);
        bus = transport.get();
        return std::make_unique<OpenModule>(std::move(transport), module.clock, std::move(with),
                                            budget);
    }
    std::optional<Credentials> copy() const {
        if (!credentials) return std::nullopt;
        return Credentials{credentials->module, credentials->slot, credentials->psk.clone()};
    }
    ModuleKeys keys() {
        const auto& own = module.device->core().keys();
        return {own.module_id, own.channel.public_key, own.verify_key};
    }
    void bind() {
        Secret<32> psk;
        auto offered =
            host(std::nullopt)->offer_binding(keys(), 1, [&](const hsm4::Array<32>& salt) {
                psk = Secret<32>{salt};
                return hsm4::Result<Secret<32>>{psk.clone()};
            });
        assert_true(static_cast<bool>(offered));
        credentials.emplace(Credentials{keys(), 1, std::move(psk)});
        assert_true(static_cast<bool>(host()->attest()));
    }
};

}  // namespace

static void it_binds_locks_and_unlocks(void** /*state*/) {
    World world;
    world.bind();
    auto locked = world.host()->lock(key, volume, {});
    assert_true(static_cast<bool>(locked));
    auto unlocked = world.host()->unlock(*locked, volume, {});
    assert_true(unlocked && std::ranges::equal(unlocked->view(), key));
    assert_int_equal(world.host()->random(128)->size(), 128);
    assert_true(world.host()->status()->secure);
    assert_string_equal(world.host()->info()->id.c_str(),
                        hsm4::to_hex(world.keys().module_id).c_str());
}

static void status_and_info_cost_no_proof(void** /*state*/) {
    World world;
    world.bind();
    world.credentials->psk.writable()[0] ^= std::byte{1};
    for (int at = 0; at < 5; ++at) assert_true(static_cast<bool>(world.host()->status()));
    assert_true(static_cast<bool>(world.host()->info()));
    assert_int_equal(world.host()->status()->wrong_proofs, 0);
}

static void without_a_binding_there_is_no_service(void** /*state*/) {
    World world;
    assert_true(world.host()->lock(key, volume, {}).error().code == Errc::usage);
    assert_true(world.host()->unlock(key, volume, {}).error().code == Errc::usage);
    assert_true(world.host()->random(1).error().code == Errc::usage);
    assert_true(world.host()->attest().error().code == Errc::usage);
    assert_true(world.host()->status()->life_cycle == hsm4::LifeCycle::unbound);
}

static void a_wrong_secret_is_refused_and_sent_once(void** /*state*/) {
    World world;
    world.bind();
    world.credentials->psk.writable()[0] ^= std::byte{1};
    auto host = world.host();
    assert_true(host->attest().error().code == Errc::refused);
    assert_int_equal(world.bus->exchanges, 1);
    assert_int_equal(world.module.device->core().state().wrong_proofs, 1);
}

static void an_unbound_module_says_so(void** /*state*/) {
    World world;
    world.credentials.emplace(Credentials{world.keys(), 0, {}});
    assert_true(world.host()->attest().error().code == Errc::wrong_state);
    assert_int_equal(world.module.device->core().state().wrong_proofs, 0);
}

static void a_pinned_key_that_does_not_fit_its_id_is_refused_before_a_byte_is_sent(
    void** /*state*/) {
    World world;
    world.bind();
    const auto locked = *world.host()->lock(key, volume, {});
    world.credentials->module.public_key[0] ^= std::byte{1};
    auto host = world.host();
    assert_true(host->attest().error().code == Errc::unauthentic);
    assert_true(host->unlock(locked, volume, {}).error().code == Errc::unauthentic);
    assert_true(host->status().error().code == Errc::unauthentic);
    assert_int_equal(world.bus->blocks, 0);
}

static void a_locked_key_that_is_not_genuine_is_refused_before_a_byte_is_sent(void** /*state*/) {
    World world;
    world.bind();
    const auto locked = *world.host()->lock(key, volume, {});
    auto host = world.host();
    hsm4::VolumeBinding other{};
    other[0] = std::byte{1};
    assert_true(host->unlock(locked, other, {}).error().code == Errc::unauthentic);
    for (std::size_t bit = 0; bit < 8 * locked.size(); bit += 3) {
        Bytes bad = locked;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        assert_false(static_cast<bool>(host->unlock(bad, volume, {})));
    }
    assert_int_equal(world.bus->blocks, 0);
}

static void another_module_at_the_address_is_found_out(void** /*state*/) {
    World world;
    world.bind();
    World other;
    other.bind();
    auto host = other.host(world.copy());
    auto attested = host->attest();
    assert_true(!attested && attested.error().code == Errc::unauthentic);
    assert_false(static_cast<bool>(host->status()));
}

static void noise_on_the_link_is_mended(void** /*state*/) {
    World world;
    world.bind();
    auto locked = *world.host()->lock(key, volume, {});
    for (int spoiled = 0; spoiled < 8; ++spoiled) {
        auto host = world.host();
        int at = 0;
        const auto spoil = [&](Bytes& block) {
            if (at++ != spoiled) return;
            if (spoiled % 2 == 0)
                block.clear();
            else
                block.back() ^= std::byte{1};
        };
        world.bus->to_host = spoil;
        world.bus->to_module = spoil;
        auto unlocked = host->unlock(locked, volume, {});
        assert_true(unlocked && std::ranges::equal(unlocked->view(), key));
    }
}

/// A block with its CRC made good again, as an interposer would.
void tamper(Bytes& block, std::size_t at) {
    namespace t1 = hsm4::wire::t1;
    auto decoded = t1::decode(block);
    if (!decoded || decoded->inf.size() <= at) return;
    decoded->inf[at] ^= std::byte{1};
    block = *t1::encode(*decoded);
}

static void a_changed_message_never_gives_a_key(void** /*state*/) {
    World world;
    world.bind();
    auto locked = *world.host()->lock(key, volume, {});
    for (const bool to_host : {false, true}) {
        for (std::size_t at = 0; at < 80; at += 7) {
            auto host = world.host();
            (to_host ? world.bus->to_host : world.bus->to_module) = [&](Bytes& block) {
                tamper(block, at);
            };
            assert_false(static_cast<bool>(host->unlock(locked, volume, {})));
            assert_true(static_cast<bool>(world.host()->attest()));  // and no harm is done
        }
    }
}

static void a_replayed_answer_is_unauthentic(void** /*state*/) {
    World world;
    world.bind();
    auto first = world.host();
    Bytes recorded;
    world.bus->to_host = [&](Bytes& block) { recorded = block; };
    assert_true(static_cast<bool>(first->random(16)));
    auto second = world.host();
    int at = 0;
    world.bus->to_host = [&](Bytes& block) {
        if (at++ == 1) block = recorded;  // the answer to the command
    };
    assert_true(second->random(16).error().code == Errc::unauthentic);
}

static void silence_ends_in_time(void** /*state*/) {
    World world;
    world.bind();
    auto host = world.host();
    world.bus->to_host = [](Bytes& block) { block.clear(); };
    const auto begun = world.module.clock.now();
    assert_true(host->random(16).error().code == Errc::timeout);
    assert_true(world.module.clock.now() - begun <= budget + 100ms);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_binds_locks_and_unlocks),
        cmocka_unit_test(status_and_info_cost_no_proof),
        cmocka_unit_test(without_a_binding_there_is_no_service),
        cmocka_unit_test(a_wrong_secret_is_refused_and_sent_once),
        cmocka_unit_test(an_unbound_module_says_so),
        cmocka_unit_test(a_pinned_key_that_does_not_fit_its_id_is_refused_before_a_byte_is_sent),
        cmocka_unit_test(a_locked_key_that_is_not_genuine_is_refused_before_a_byte_is_sent),
        cmocka_unit_test(another_module_at_the_address_is_found_out),
        cmocka_unit_test(noise_on_the_link_is_mended),
        cmocka_unit_test(a_changed_message_never_gives_a_key),
        cmocka_unit_test(a_replayed_answer_is_unauthentic),
        cmocka_unit_test(silence_ends_in_time),
    };
    return cmocka_run_group_tests_name("open_module", tests, nullptr, nullptr);
}
