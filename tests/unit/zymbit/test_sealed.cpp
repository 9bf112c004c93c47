// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The sealed structure: for one volume only, and never mistaken for a raw key.
#include "hsm4/zymbit/sealed.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Errc;
using hsm4::zymbit::is_sealed;
using hsm4::zymbit::seal;
using hsm4::zymbit::unseal;

namespace {

hsm4::VolumeBinding binding_of(int byte) {
    hsm4::VolumeBinding binding{};
    binding.fill(static_cast<std::byte>(byte));
    return binding;
}

const hsm4::Bytes key(64, std::byte{0x5a});

}  // namespace

static void the_encoding_is_the_documented_one(void** /*state*/) {
    // Put together by hand after RFC 8949: array of 3, text of 18, bytes of 32, bytes of 2.
    const std::string expected =
        "83"
        "72" +
        hsm4::to_hex(hsm4::view_of("hsm4 sealed key v1")) + "5820" + std::string(64, '1') +
        "42"
        "abcd";
    auto sealed = seal(*hsm4::from_hex("abcd"), binding_of(0x11));
    assert_true(static_cast<bool>(sealed));
    assert_string_equal(hsm4::to_hex(sealed->view()).c_str(), expected.c_str());
}

static void what_is_sealed_is_unsealed_for_its_volume_only(void** /*state*/) {
    auto sealed = seal(key, binding_of(1));
    assert_true(sealed && is_sealed(sealed->view()));
    auto back = unseal(sealed->view(), binding_of(1));
    assert_true(back && hsm4::equal_secret(back->view(), key));
    auto other = unseal(sealed->view(), binding_of(2));
    assert_true(!other && other.error().code == Errc::refused);
}

static void every_flipped_bit_is_noticed_outside_the_key(void** /*state*/) {
    auto sealed = seal(key, binding_of(1));
    const std::size_t head = sealed->size() - key.size();
    for (std::size_t bit = 0; bit < head * 8; ++bit) {
        hsm4::Bytes damaged{sealed->view().begin(), sealed->view().end()};
        damaged[bit / 8] ^= std::byte{1} << (bit % 8);
        assert_false(static_cast<bool>(unseal(damaged, binding_of(1))));
    }
}

static void every_truncation_and_appendix_is_refused(void** /*state*/) {
    auto sealed = seal(key, binding_of(1));
    for (std::size_t size = 0; size < sealed->size(); ++size)
        assert_false(static_cast<bool>(unseal(sealed->view().first(size), binding_of(1))));
    hsm4::Bytes longer{sealed->view().begin(), sealed->view().end()};
    longer.push_back(std::byte{0});
    assert_false(static_cast<bool>(unseal(longer, binding_of(1))));
}

static void raw_keys_do_not_look_sealed(void** /*state*/) {
    assert_false(is_sealed({}));
    assert_false(is_sealed(key));
    auto sealed = seal(key, binding_of(1));
    // Even a sealed key that is damaged behind its magic counts as sealed.
    assert_true(is_sealed(sealed->view().first(20)));
    assert_false(is_sealed(sealed->view().first(19)));
}

static void keys_have_one_to_128_bytes(void** /*state*/) {
    assert_false(static_cast<bool>(seal({}, binding_of(1))));
    assert_true(static_cast<bool>(seal(hsm4::Bytes(128), binding_of(1))));
    assert_false(static_cast<bool>(seal(hsm4::Bytes(129), binding_of(1))));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_encoding_is_the_documented_one),
        cmocka_unit_test(what_is_sealed_is_unsealed_for_its_volume_only),
        cmocka_unit_test(every_flipped_bit_is_noticed_outside_the_key),
        cmocka_unit_test(every_truncation_and_appendix_is_refused),
        cmocka_unit_test(raw_keys_do_not_look_sealed),
        cmocka_unit_test(keys_have_one_to_128_bytes),
    };
    return cmocka_run_group_tests_name("sealed", tests, nullptr, nullptr);
}
