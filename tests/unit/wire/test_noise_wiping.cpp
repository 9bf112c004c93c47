// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Noise: chaining keys and the keys of a channel are wiped where they end (linked with
// --wrap=OPENSSL_cleanse).
#include "hsm4/wire/noise.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/wiped.hpp"

namespace noise = hsm4::wire::noise;
using hsm4::Array;
using hsm4::Secret;
using hsm4::View;
using noise::Pattern;
using noise::Suite;

namespace {

struct Derived {
    Array<32> first;
    Array<32> second;
};

/// HKDF with two outputs (section 4.3), by itself.
Derived hkdf(View chaining_key, View input) {
    Array<64> out{};
    assert_true(static_cast<bool>(hsm4::crypto::hkdf_sha256(chaining_key, input, {}, out)));
    Derived derived{};
    std::copy_n(out.begin(), 32, derived.first.begin());
    std::copy_n(out.begin() + 32, 32, derived.second.begin());
    return derived;
}

/// The name is longer than a hash, so its hash is the first chaining key (section 5.2).
Array<32> first_chaining_key() {
    return *hsm4::crypto::sha256(
        hsm4::view_of(noise::protocol_name(Pattern::nkpsk0, Suite::chachapoly_sha256)));
}

Secret<32> drawn() {
    Secret<32> bytes;
    assert_true(static_cast<bool>(hsm4::crypto::random_bytes(bytes.writable())));
    return bytes;
}

noise::SymmetricState mixed(const Secret<32>& shared) {
    auto state = noise::SymmetricState::start(Pattern::nkpsk0, Suite::chachapoly_sha256, {});
    assert_true(state && state->mix_key(shared.view()));
    return std::move(*state);
}

}  // namespace

static void a_handshake_that_ends_wipes_its_keys(void** /*state*/) {
    const auto shared = drawn();
    const Derived step = hkdf(first_chaining_key(), shared.view());
    {
        const auto state = mixed(shared);
        wiped().forget();
    }
    assert_true(wiped().contains(step.first));   // the chaining key
    assert_true(wiped().contains(step.second));  // the key of the next payload
}

static void a_channel_that_ends_wipes_its_keys(void** /*state*/) {
    const auto shared = drawn();
    const Derived keys = hkdf(hkdf(first_chaining_key(), shared.view()).first, {});
    {
        auto transport = mixed(shared).split();
        assert_true(static_cast<bool>(transport));
        wiped().forget();
    }
    assert_true(wiped().contains(keys.first));
    assert_true(wiped().contains(keys.second));
}

static void what_is_derived_in_between_is_wiped(void** /*state*/) {
    const auto first = drawn();
    const auto second = drawn();
    const Derived step = hkdf(first_chaining_key(), first.view());
    auto state = mixed(first);
    wiped().forget();
    assert_true(static_cast<bool>(state.mix_key_and_hash(second.view())));
    const Derived next = hkdf(step.first, second.view());
    assert_true(wiped().contains(next.first));
    assert_true(wiped().contains(next.second));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_handshake_that_ends_wipes_its_keys),
        cmocka_unit_test(a_channel_that_ends_wipes_its_keys),
        cmocka_unit_test(what_is_derived_in_between_is_wiped),
    };
    return cmocka_run_group_tests_name("noise wiping", tests, nullptr, nullptr);
}
