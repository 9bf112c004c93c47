// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The primitives give what their specifications give, and refuse what they must.
#include "hsm4/crypto.hpp"
#include "tests/unit/cmocka_all.hpp"

namespace crypto = hsm4::crypto;
using hsm4::Array;
using hsm4::Bytes;
using hsm4::Errc;
using hsm4::View;

namespace {

Bytes bytes_of(const char* hex) { return *hsm4::from_hex(hex); }
template <std::size_t N>
Array<N> array_of(const char* hex) {
    return *hsm4::to_array<N>(bytes_of(hex), "vector");
}
bool is(View bytes, const char* hex) { return hsm4::to_hex(bytes) == hex; }

constexpr auto secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
constexpr auto verify_key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
constexpr auto signature =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b4"
    "6b"
    "d25bf5f0595bbe24655141438e7a100b";

}  // namespace

// FIPS 180-4 examples
static void sha256_of_abc(void** /*state*/) {
    constexpr auto hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_true(is(*crypto::sha256(hsm4::view_of("abc")), hash));
    assert_true(is(*crypto::sha256(hsm4::view_of("a"), hsm4::view_of("bc")), hash));
    assert_true(is(*crypto::sha256({}),
                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

// RFC 4231, test case 2
static void hmac_of_its_specification(void** /*state*/) {
    auto mac = crypto::hmac_sha256(hsm4::view_of("Jefe"), hsm4::view_of("what do ya want "),
                                   hsm4::view_of("for nothing?"));
    assert_true(
        is(mac->view(), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
}

// RFC 5869, test cases 1 and 3
static void hkdf_of_its_specification(void** /*state*/) {
    Array<42> out{};
    const Bytes key(22, std::byte{0x0b});
    assert_true(static_cast<bool>(crypto::hkdf_sha256(bytes_of("000102030405060708090a0b0c"), key,
                                                      bytes_of("f0f1f2f3f4f5f6f7f8f9"), out)));
    assert_true(is(out,
                   "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b8"
                   "87185865"));
    assert_true(static_cast<bool>(crypto::hkdf_sha256({}, key, {}, out)));
    assert_true(is(out,
                   "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4"
                   "b61a96c8"));
}

// RFC 7748, section 6.1
static void x25519_of_its_specification(void** /*state*/) {
    auto bob = crypto::x25519_from_secret(
        array_of<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
    assert_true(
        is(bob->public_key, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
    auto shared = crypto::x25519(
        bob->secret.view(),
        array_of<32>("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
    assert_true(
        is(shared->view(), "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
}

static void both_ends_of_a_drawn_pair_agree(void** /*state*/) {
    auto one = crypto::x25519_generate();
    auto other = crypto::x25519_generate();
    assert_true(one->public_key != other->public_key);
    auto here = crypto::x25519(one->secret.view(), other->public_key);
    auto there = crypto::x25519(other->secret.view(), one->public_key);
    assert_true(hsm4::equal_secret(here->view(), there->view()));
}

static void keys_of_low_order_are_refused(void** /*state*/) {
    auto pair = crypto::x25519_generate();
    for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                              "0100000000000000000000000000000000000000000000000000000000000000",
                              "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                              "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                              "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"}) {
        auto shared = crypto::x25519(pair->secret.view(), array_of<32>(point));
        assert_true(!shared && shared.error().code == Errc::unauthentic);
    }
}

// RFC 8032, section 7.1, test 1
static void ed25519_of_its_specification(void** /*state*/) {
    assert_true(is(*crypto::ed25519_public(array_of<32>(secret)), verify_key));
    assert_true(is(*crypto::ed25519_sign(array_of<32>(secret), {}), signature));
    assert_true(static_cast<bool>(
        crypto::ed25519_verify(array_of<32>(verify_key), {}, bytes_of(signature))));
}

static void a_signature_with_any_bit_changed_does_not_verify(void** /*state*/) {
    const Bytes good = bytes_of(signature);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        auto verified = crypto::ed25519_verify(array_of<32>(verify_key), {}, bad);
        assert_true(!verified && verified.error().code == Errc::unauthentic);
    }
    for (const std::size_t size : {std::size_t{0}, std::size_t{63}, std::size_t{65}}) {
        Bytes bad = good;
        bad.resize(size);
        assert_false(static_cast<bool>(crypto::ed25519_verify(array_of<32>(verify_key), {}, bad)));
    }
}

// RFC 8439, section 2.8.2
static void chacha20_poly1305_of_its_specification(void** /*state*/) {
    const Bytes key = bytes_of("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const auto nonce = array_of<12>("070000004041424344454647");
    const Bytes associated = bytes_of("50515253c0c1c2c3c4c5c6c7");
    const View text = hsm4::view_of(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        "future, "
        "sunscreen would be it.");
    Bytes sealed(text.size() + crypto::tag_size);
    constexpr auto algorithm = crypto::Aead::chacha20_poly1305;
    assert_true(
        static_cast<bool>(crypto::aead_seal(algorithm, key, nonce, associated, text, sealed)));
    assert_true(is(View{sealed}.last(16), "1ae10b594f09e26a7e902ecbd0600691"));
    Bytes opened(text.size());
    assert_true(
        static_cast<bool>(crypto::aead_open(algorithm, key, nonce, associated, sealed, opened)));
    assert_true(std::ranges::equal(opened, text));
}

static void every_aead_opens_what_it_sealed_and_nothing_else(void** /*state*/) {
    for (const auto algorithm : {crypto::Aead::chacha20_poly1305, crypto::Aead::aes_128_gcm,
                                 crypto::Aead::aes_192_gcm, crypto::Aead::aes_256_gcm}) {
        const Bytes key(crypto::aead_key_size(algorithm), std::byte{7});
        const Array<12> nonce{};
        for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 64U}) {
            const Bytes text(size, std::byte{9});
            Bytes sealed(size + crypto::tag_size);
            Bytes opened(size);
            assert_true(
                static_cast<bool>(crypto::aead_seal(algorithm, key, nonce, key, text, sealed)));
            assert_true(
                static_cast<bool>(crypto::aead_open(algorithm, key, nonce, key, sealed, opened)));
            assert_true(opened == text);
            for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
                Bytes bad = sealed;
                bad[bit / 8] ^= std::byte{1} << (bit % 8);
                auto done = crypto::aead_open(algorithm, key, nonce, key, bad, opened);
                assert_true(!done && done.error().code == Errc::unauthentic);
                // Nothing readable is left behind.
                assert_true(
                    std::ranges::all_of(opened, [](std::byte b) { return b == std::byte{}; }));
            }
        }
    }
}

static void sizes_that_do_not_fit_are_refused(void** /*state*/) {
    const Bytes key(32);
    const Array<12> nonce{};
    Bytes room(31);
    constexpr auto algorithm = crypto::Aead::aes_256_gcm;
    assert_false(static_cast<bool>(crypto::aead_seal(algorithm, key, nonce, {}, Bytes(16), room)));
    assert_false(static_cast<bool>(crypto::aead_open(algorithm, key, nonce, {}, Bytes(15), room)));
    assert_false(static_cast<bool>(crypto::aead_open(algorithm, key, nonce, {}, Bytes(40), room)));
    Bytes fitting(32);
    assert_false(
        static_cast<bool>(crypto::aead_seal(algorithm, Bytes(16), nonce, {}, Bytes(16), fitting)));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_abc),
        cmocka_unit_test(hmac_of_its_specification),
        cmocka_unit_test(hkdf_of_its_specification),
        cmocka_unit_test(x25519_of_its_specification),
        cmocka_unit_test(both_ends_of_a_drawn_pair_agree),
        cmocka_unit_test(keys_of_low_order_are_refused),
        cmocka_unit_test(ed25519_of_its_specification),
        cmocka_unit_test(a_signature_with_any_bit_changed_does_not_verify),
        cmocka_unit_test(chacha20_poly1305_of_its_specification),
        cmocka_unit_test(every_aead_opens_what_it_sealed_and_nothing_else),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests_name("crypto", tests, nullptr, nullptr);
}
