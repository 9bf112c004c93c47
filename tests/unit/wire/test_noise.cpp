// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Noise: what the vectors do not show, which is how it fails.
#include "hsm4/wire/noise.hpp"
#include "tests/unit/cmocka_all.hpp"

namespace noise = hsm4::wire::noise;
using hsm4::Bytes;
using hsm4::Errc;
using hsm4::view_of;
using noise::Pattern;
using noise::Suite;

namespace {

noise::CipherState cipher() {
    noise::CipherState state{Suite::chachapoly_sha256};
    hsm4::Secret<32> key;
    std::ranges::fill(key.writable(), std::byte{1});
    state.initialize_key(std::move(key));
    return state;
}

}  // namespace

static void names_are_those_of_the_specification(void** /*state*/) {
    assert_string_equal(noise::protocol_name(Pattern::nkpsk0, Suite::chachapoly_sha256).c_str(),
                        "Noise_NKpsk0_25519_ChaChaPoly_SHA256");
    assert_string_equal(noise::protocol_name(Pattern::nn, Suite::aesgcm_sha256).c_str(),
                        "Noise_NN_25519_AESGCM_SHA256");
}

static void messages_come_in_order_and_once(void** /*state*/) {
    auto sender = cipher();
    auto receiver = cipher();
    const auto first = *sender.encrypt_with_ad({}, view_of("one"));
    const auto second = *sender.encrypt_with_ad({}, view_of("two"));
    assert_false(static_cast<bool>(receiver.decrypt_with_ad({}, second)));
    assert_true(std::ranges::equal(receiver.decrypt_with_ad({}, first)->view(), view_of("one")));
    assert_false(static_cast<bool>(receiver.decrypt_with_ad({}, first)));
    assert_true(std::ranges::equal(receiver.decrypt_with_ad({}, second)->view(), view_of("two")));
}

static void equal_messages_give_different_ciphertexts(void** /*state*/) {
    auto sender = cipher();
    assert_true(*sender.encrypt_with_ad({}, view_of("same")) !=
                *sender.encrypt_with_ad({}, view_of("same")));
}

static void any_bit_changed_is_noticed_and_the_counter_stays(void** /*state*/) {
    auto receiver = cipher();
    const auto good = *cipher().encrypt_with_ad(view_of("ad"), view_of("text"));
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        auto opened = receiver.decrypt_with_ad(view_of("ad"), bad);
        assert_true(!opened && opened.error().code == Errc::unauthentic);
    }
    assert_false(static_cast<bool>(receiver.decrypt_with_ad(view_of("da"), good)));
    assert_true(static_cast<bool>(receiver.decrypt_with_ad(view_of("ad"), good)));
}

static void messages_are_bounded(void** /*state*/) {
    auto state = cipher();
    assert_true(static_cast<bool>(state.encrypt_with_ad({}, Bytes(65535 - 16))));
    assert_false(static_cast<bool>(state.encrypt_with_ad({}, Bytes(65535 - 15))));
    assert_true(state.decrypt_with_ad({}, Bytes(65536)).error().code == Errc::malformed);
    for (std::size_t size = 0; size < 16; ++size)
        assert_true(state.decrypt_with_ad({}, Bytes(size)).error().code == Errc::unauthentic);
}

static void both_directions_have_keys_of_their_own(void** /*state*/) {
    auto start = noise::SymmetricState::start(Pattern::nk, Suite::chachapoly_sha256, {});
    auto transport = start->split();
    auto message = transport->initiator_to_responder.encrypt_with_ad({}, view_of("x"));
    assert_false(
        static_cast<bool>(transport->responder_to_initiator.decrypt_with_ad({}, *message)));
}

static void the_prologue_and_the_pattern_count(void** /*state*/) {
    const auto hash = [](Pattern pattern, const char* prologue) {
        return noise::SymmetricState::start(pattern, Suite::chachapoly_sha256, view_of(prologue))
            ->split()
            ->handshake_hash;
    };
    assert_true(hash(Pattern::nk, "a") == hash(Pattern::nk, "a"));
    assert_true(hash(Pattern::nk, "a") != hash(Pattern::nk, "b"));
    assert_true(hash(Pattern::nk, "a") != hash(Pattern::nkpsk0, "a"));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_specification),
        cmocka_unit_test(messages_come_in_order_and_once),
        cmocka_unit_test(equal_messages_give_different_ciphertexts),
        cmocka_unit_test(any_bit_changed_is_noticed_and_the_counter_stays),
        cmocka_unit_test(messages_are_bounded),
        cmocka_unit_test(both_directions_have_keys_of_their_own),
        cmocka_unit_test(the_prologue_and_the_pattern_count),
    };
    return cmocka_run_group_tests_name("noise", tests, nullptr, nullptr);
}
