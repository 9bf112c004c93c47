// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// ATTEST: nothing but the module's own signature over this nonce in this channel.
#include "hsm4/open/attest.hpp"

#include "hsm4/wire/protocol.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_channel.hpp"

using hsm4::Errc;

namespace {

/// A module that signs what it is asked, with one thing wrong if so wished.
struct Signer final : hsm4::open::Channel {
    hsm4::Result<hsm4::SecretBytes> request(hsm4::View message) override {
        auto nonce = *hsm4::to_array<32>(message.subspan(1), "nonce");
        if (message[0] != std::byte{7}) return hsm4::Error{Errc::io, "opcode"};
        if (old_nonce) nonce = filled<32>(0);
        const auto text = hsm4::wire::attested_text(signed_id, nonce, signed_state, 9, signed_hash);
        auto signature = *hsm4::crypto::ed25519_sign(seed, text);
        hsm4::Bytes answer = *hsm4::from_hex("001100000009");
        hsm4::append(answer, signature);
        if (flip) answer[*flip / 8] ^= std::byte{1} << (*flip % 8);
        answer.resize(static_cast<std::size_t>(static_cast<int>(answer.size()) + longer));
        return hsm4::SecretBytes{answer};
    }
    const hsm4::crypto::Hash& handshake_hash() const noexcept override { return hash; }

    hsm4::crypto::Hash hash = filled<32>(8);
    hsm4::crypto::Hash signed_hash = hash;
    hsm4::Array<16> signed_id = filled<16>(1);
    std::uint8_t signed_state = 0x11;
    hsm4::Array<32> seed = filled<32>(5);
    bool old_nonce = false;
    std::optional<std::size_t> flip;
    int longer = 0;
};

hsm4::ModuleKeys module() {
    return {filled<16>(1), filled<32>(2), *hsm4::crypto::ed25519_public(filled<32>(5))};
}
Errc error_of(Signer signer) {
    auto attestation = hsm4::open::request_attestation(signer, module());
    return attestation ? Errc::usage : attestation.error().code;
}

}  // namespace

static void a_signed_state_is_believed(void** /*state*/) {
    Signer signer;
    auto attestation = hsm4::open::request_attestation(signer, module());
    assert_true(static_cast<bool>(attestation));
    assert_true(attestation->status.secure && attestation->status.generation == 9);
    assert_true(attestation->handshake_hash == signer.hash);
}

static void nonces_are_fresh(void** /*state*/) {
    Signer signer;
    assert_true(hsm4::open::request_attestation(signer, module())->nonce !=
                hsm4::open::request_attestation(signer, module())->nonce);
}

static void anything_signed_that_differs_is_unauthentic(void** /*state*/) {
    Signer wrong;
    wrong.signed_hash = filled<32>(9);  // another channel
    assert_true(error_of(wrong) == Errc::unauthentic);
    wrong = {};
    wrong.signed_id = filled<16>(2);
    assert_true(error_of(wrong) == Errc::unauthentic);
    wrong = {};
    wrong.signed_state = 0x12;
    assert_true(error_of(wrong) == Errc::unauthentic);
    wrong = {};
    wrong.seed = filled<32>(6);
    assert_true(error_of(wrong) == Errc::unauthentic);
    wrong = {};
    wrong.old_nonce = true;
    assert_true(error_of(wrong) == Errc::unauthentic);
}

static void any_bit_changed_is_refused(void** /*state*/) {
    for (std::size_t bit = 8; bit < 8 * 70; ++bit) {
        Signer wrong;
        wrong.flip = bit;
        assert_true(error_of(wrong) == Errc::unauthentic);
    }
}

static void other_lengths_are_malformed(void** /*state*/) {
    for (const int longer : {-1, 1}) {
        Signer wrong;
        wrong.longer = longer;
        assert_true(error_of(wrong) == Errc::malformed);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_state_is_believed),
        cmocka_unit_test(nonces_are_fresh),
        cmocka_unit_test(anything_signed_that_differs_is_unauthentic),
        cmocka_unit_test(any_bit_changed_is_refused),
        cmocka_unit_test(other_lengths_are_malformed),
    };
    return cmocka_run_group_tests_name("attest", tests, nullptr, nullptr);
}
