// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Locked keys as the module makes and opens them.
#include "hsm4/device/locked_key.hpp"

#include <limits>

#include "hsm4/cbor.hpp"
#include "hsm4/wire/cose.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::SecretBytes;
using hsm4::View;
using hsm4::device::Keys;
using hsm4::device::Rng;
using hsm4::device::Unlocked;

namespace {

const hsm4::Array<32> binding{};
constexpr std::uint32_t present = 7;

Keys keys_of(std::uint8_t fill) {
    hsm4::Secret<32> secret;
    std::ranges::fill(secret.writable(), std::byte{fill});
    auto keys = hsm4::device::derive_keys(secret);
    assert_true(static_cast<bool>(keys));
    return std::move(*keys);
}

Bytes locked(const Keys& keys, std::size_t size = 64, std::uint32_t generation = present) {
    auto rng = Rng::seed(hsm4::Secret<32>{}, 1);
    const Bytes key(size, std::byte{0x6b});
    auto blob = lock_key(keys, *rng, binding, {SecretBytes{key}, generation, std::nullopt});
    assert_true(static_cast<bool>(blob));
    return std::move(*blob);
}

/// Signed and sealed by the module's own keys, but of another content.
Bytes sealed(const Keys& keys, hsm4::cbor::Item content) {
    const auto plaintext = hsm4::cbor::encode_secret(content);
    const hsm4::Array<12> iv{};
    const auto inner = hsm4::wire::cose::encrypt0(keys.seal_key, iv, binding, plaintext->view());
    return *hsm4::wire::cose::sign1(keys.sign_secret, binding, *inner);
}

bool is_refused(const Keys& keys, View blob, std::uint32_t generation = present) {
    auto unlocked = unlock_key(keys, generation, binding, blob);
    return !unlocked && unlocked.error().code == Errc::refused;
}

}  // namespace

static void keys_of_every_length_come_back(void** /*state*/) {
    const Keys keys = keys_of(1);
    for (const std::size_t size : {1U, 23U, 24U, 64U, 128U}) {
        auto unlocked = unlock_key(keys, present, binding, locked(keys, size));
        assert_true(unlocked && unlocked->key.size() == size && !unlocked->pin);
        assert_int_equal(unlocked->generation, present);
    }
}

static void the_same_key_is_never_locked_the_same_way(void** /*state*/) {
    const Keys keys = keys_of(1);
    assert_true(locked(keys) != locked(keys));
}

static void a_pin_comes_back_with_its_record(void** /*state*/) {
    const Keys keys = keys_of(1);
    auto rng = Rng::seed(hsm4::Secret<32>{}, 1);
    auto check = make_pin_check(keys, 3, hsm4::view_of("1234"));
    const Bytes expected{check->check.view().begin(), check->check.view().end()};
    Unlocked content{SecretBytes{hsm4::view_of("key")}, present, std::move(*check)};
    const auto blob = lock_key(keys, *rng, binding, content);
    const auto unlocked = unlock_key(keys, present, binding, *blob);
    assert_true(unlocked && unlocked->pin && unlocked->pin->record == 3);
    assert_true(std::ranges::equal(unlocked->pin->check.view(), expected));
}

static void a_pin_check_depends_on_pin_record_and_module(void** /*state*/) {
    const Keys keys = keys_of(1);
    const View pin = hsm4::view_of("1234");
    const auto check = make_pin_check(keys, 3, pin);
    const auto differs = [&](const Keys& with, std::uint32_t record, View other) {
        const auto again = make_pin_check(with, record, other);
        return !std::ranges::equal(again->check.view(), check->check.view());
    };
    assert_false(differs(keys, 3, pin));
    assert_true(differs(keys, 4, pin));
    assert_true(differs(keys, 3, hsm4::view_of("1235")));
    assert_true(differs(keys_of(2), 3, pin));
}

static void the_present_generation_and_the_next_open(void** /*state*/) {
    const Keys keys = keys_of(1);
    for (const std::uint32_t alive : {present, present + 1})
        assert_true(static_cast<bool>(unlock_key(keys, present, binding, locked(keys, 64, alive))));
    for (const std::uint32_t dead : {0U, present - 1, present + 2})
        assert_true(is_refused(keys, locked(keys, 64, dead)));
    constexpr auto last = std::numeric_limits<std::uint32_t>::max();
    assert_true(static_cast<bool>(unlock_key(keys, last, binding, locked(keys, 64, last))));
    assert_true(is_refused(keys, locked(keys, 64, 0), last));
}

static void another_module_or_volume_is_refused(void** /*state*/) {
    const Keys keys = keys_of(1);
    const Bytes blob = locked(keys);
    assert_true(is_refused(keys_of(2), blob));
    hsm4::Array<32> other{};
    other[31] = std::byte{1};
    assert_true(unlock_key(keys, present, other, blob).error().code == Errc::refused);
}

static void every_bit_and_every_length_counts(void** /*state*/) {
    const Keys keys = keys_of(1);
    const Bytes good = locked(keys);
    for (std::size_t bit = 0; bit < 8 * good.size(); ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        assert_true(is_refused(keys, bad));
    }
    for (std::size_t size = 0; size < good.size(); ++size)
        assert_true(is_refused(keys, View{good}.first(size)));
}

static void other_contents_of_the_modules_own_are_refused(void** /*state*/) {
    using namespace hsm4::cbor;
    const Keys keys = keys_of(1);
    const View key = hsm4::view_of("key");
    const auto number = [](std::uint64_t value) { return unsigned_integer(value); };
    const auto good = [&] {
        return sealed(keys, array(number(1), number(1), number(7), bytes(key)));
    };
    assert_true(static_cast<bool>(unlock_key(keys, present, binding, good())));
    assert_true(is_refused(keys, sealed(keys, array(number(2), number(1), number(7), bytes(key)))));
    assert_true(is_refused(keys, sealed(keys, array(number(1), number(2), number(7), bytes(key)))));
    assert_true(is_refused(keys, sealed(keys, array(number(1), number(1), bytes(key)))));
    assert_true(is_refused(keys, sealed(keys, array(number(1), number(1), number(7), bytes({})))));
    assert_true(
        is_refused(keys, sealed(keys, array(number(1), number(1), number(7), text("key")))));
    const Bytes longest(129);
    assert_true(
        is_refused(keys, sealed(keys, array(number(1), number(1), number(7), bytes(longest)))));
    assert_true(is_refused(
        keys, sealed(keys, array(number(1), number(1), number(1ULL << 32), bytes(key)))));
    // With PIN: the check has 32 bytes, the record 32 bits.
    const Bytes check(32);
    const auto with_pin = [&](std::uint64_t purpose, std::uint64_t record, View of_pin) {
        return sealed(keys, array(number(1), number(purpose), number(7), bytes(key), number(record),
                                  bytes(of_pin)));
    };
    assert_true(static_cast<bool>(unlock_key(keys, present, binding, with_pin(2, 1, check))));
    assert_true(is_refused(keys, with_pin(1, 1, check)));
    assert_true(is_refused(keys, with_pin(2, 1ULL << 32, check)));
    assert_true(is_refused(keys, with_pin(2, 1, View{check}.first(31))));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_length_come_back),
        cmocka_unit_test(the_same_key_is_never_locked_the_same_way),
        cmocka_unit_test(a_pin_comes_back_with_its_record),
        cmocka_unit_test(a_pin_check_depends_on_pin_record_and_module),
        cmocka_unit_test(the_present_generation_and_the_next_open),
        cmocka_unit_test(another_module_or_volume_is_refused),
        cmocka_unit_test(every_bit_and_every_length_counts),
        cmocka_unit_test(other_contents_of_the_modules_own_are_refused),
    };
    return cmocka_run_group_tests_name("locked_key", tests, nullptr, nullptr);
}
