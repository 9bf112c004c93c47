// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// COSE messages: everything that a header must not say, and every bit of a message.
#include "hsm4/wire/cose.hpp"
#include "tests/unit/cmocka_all.hpp"

namespace cose = hsm4::wire::cose;
using hsm4::Bytes;
using hsm4::Errc;
using hsm4::View;
using hsm4::view_of;

namespace {

hsm4::Secret<32> key() {
    hsm4::Secret<32> bytes;
    std::ranges::fill(bytes.writable(), std::byte{0x42});
    return bytes;
}
hsm4::crypto::PublicKey verify_key() { return *hsm4::crypto::ed25519_public(key().view()); }
Bytes encrypted() {
    return *cose::encrypt0(key(), hsm4::Array<12>{}, view_of("aad"), view_of("text"));
}
Bytes signed_text() { return *cose::sign1(key(), view_of("aad"), view_of("text")); }

Errc error_of_decrypt(View message, const char* aad = "aad") {
    auto opened = cose::decrypt0(key().view(), view_of(aad), message);
    return opened ? Errc::usage : opened.error().code;
}
Errc error_of_verify(View message, const char* aad = "aad") {
    auto payload = cose::verify1(verify_key(), view_of(aad), message);
    return payload ? Errc::usage : payload.error().code;
}

/// A COSE_Encrypt0 with these headers, in hexadecimal, around some ciphertext.
Bytes with_headers(const std::string& protected_header, const std::string& unprotected) {
    std::string length =
        hsm4::to_hex(Bytes{static_cast<std::byte>(0x40 + protected_header.size() / 2)});
    return *hsm4::from_hex("d083" + length + protected_header + unprotected +
                           "5401020304050607080910111213141516171819ff");
}

constexpr auto iv = "4c000000000000000000000000";

}  // namespace

static void what_was_sealed_opens(void** /*state*/) {
    assert_true(std::ranges::equal(
        cose::decrypt0(key().view(), view_of("aad"), encrypted())->view(), view_of("text")));
    assert_true(std::ranges::equal(*cose::verify1(verify_key(), view_of("aad"), signed_text()),
                                   view_of("text")));
}

static void other_associated_data_is_unauthentic(void** /*state*/) {
    for (const char* aad : {"", "aac", "aad "}) {
        assert_true(error_of_decrypt(encrypted(), aad) == Errc::unauthentic);
        assert_true(error_of_verify(signed_text(), aad) == Errc::unauthentic);
    }
}

static void any_bit_changed_is_refused(void** /*state*/) {
    const Bytes sealed = encrypted();
    const Bytes text = signed_text();
    for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
        Bytes bad = sealed;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        assert_true(error_of_decrypt(bad) != Errc::usage);
    }
    for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
        Bytes bad = text;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        assert_true(error_of_verify(bad) != Errc::usage);
    }
}

static void any_piece_of_it_is_malformed(void** /*state*/) {
    const Bytes sealed = encrypted();
    for (std::size_t size = 0; size < sealed.size(); ++size)
        assert_true(error_of_decrypt(View{sealed}.first(size)) == Errc::malformed);
    Bytes longer = sealed;
    longer.push_back(std::byte{0});
    assert_true(error_of_decrypt(longer) == Errc::malformed);
}

static void one_structure_is_not_taken_for_the_other(void** /*state*/) {
    assert_true(error_of_decrypt(signed_text()) == Errc::malformed);
    assert_true(error_of_verify(encrypted()) == Errc::malformed);
}

static void headers_are_read_strictly(void** /*state*/) {
    const std::string a256 = "a10103";
    // As it should be: only the cipher's tag is wrong.
    assert_true(error_of_decrypt(with_headers(a256, std::string{"a105"} + iv)) ==
                Errc::unauthentic);
    const std::string in_protected = std::string{"a2010305"} + iv;
    assert_true(error_of_decrypt(with_headers(in_protected, "a0")) == Errc::unauthentic);
    const std::pair<std::string, std::string> wrong[] = {
        {a256, "a0"},                                  // no IV
        {in_protected, std::string{"a105"} + iv},      // two of them
        {a256, std::string{"a205"} + iv + "05" + iv},  // twice in one header
        {a256, "a10540"},                              // an empty one
        {a256, "a1054b0000000000000000000000"},        // a short one
        {a256, std::string{"a205"} + iv + "0103"},     // algorithm in both headers
        {a256, std::string{"a205"} + iv + "064100"},   // partial IV
        {"a20103028105", std::string{"a105"} + iv},    // crit
        {a256, std::string{"a205"} + iv + "028105"},   // crit, unprotected
        {"a201030103", std::string{"a105"} + iv},      // algorithm twice
        {"a0", std::string{"a105"} + iv},              // no algorithm
        {"", std::string{"a105"} + iv},                // no protected header at all
        {"a10101", std::string{"a105"} + iv},          // A128GCM with a key of 256 bits
        {"a1010a", std::string{"a105"} + iv},          // AES-CCM
        {"a10127", std::string{"a105"} + iv},          // EdDSA
        {"a1016133", std::string{"a105"} + iv},        // algorithm as text
        {"80", std::string{"a105"} + iv},              // a list
        {a256, "80"},
    };
    for (const auto& [covered, open] : wrong)
        assert_true(error_of_decrypt(with_headers(covered, open)) == Errc::malformed);
}

static void a_signature_of_another_key_is_unauthentic(void** /*state*/) {
    auto other = key();
    other.writable()[0] = std::byte{};
    const Bytes foreign = *cose::sign1(other, view_of("aad"), view_of("text"));
    assert_true(error_of_verify(foreign) == Errc::unauthentic);
}

static void a_key_of_another_length_is_refused(void** /*state*/) {
    for (const std::size_t size : {0U, 16U, 31U, 33U})
        assert_false(static_cast<bool>(cose::decrypt0(Bytes(size), view_of("aad"), encrypted())));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(other_associated_data_is_unauthentic),
        cmocka_unit_test(any_bit_changed_is_refused),
        cmocka_unit_test(any_piece_of_it_is_malformed),
        cmocka_unit_test(one_structure_is_not_taken_for_the_other),
        cmocka_unit_test(headers_are_read_strictly),
        cmocka_unit_test(a_signature_of_another_key_is_unauthentic),
        cmocka_unit_test(a_key_of_another_length_is_refused),
    };
    return cmocka_run_group_tests_name("cose", tests, nullptr, nullptr);
}
