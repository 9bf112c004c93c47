// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's random numbers. That the kernel's part is random is the kernel's to prove.
#include "hsm4/device/rng.hpp"

#include <set>
#include <string>

#include "hsm4/wire/protocol.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Secret;
using hsm4::device::Rng;

namespace {

Rng seeded(std::uint32_t power_on) {
    auto rng = Rng::seed(Secret<32>{}, power_on);
    assert_true(static_cast<bool>(rng));
    return std::move(*rng);
}

std::string draw(Rng& rng, std::size_t size) {
    hsm4::Bytes bytes(size);
    assert_true(static_cast<bool>(rng.fill(bytes)));
    return hsm4::to_hex(bytes);
}

}  // namespace

static void no_two_draws_are_equal(void** /*state*/) {
    std::set<std::string> seen;
    for (std::uint32_t power_on = 0; power_on < 4; ++power_on) {
        Rng rng = seeded(power_on);
        for (int at = 0; at < 50; ++at) seen.insert(draw(rng, 16));
    }
    assert_int_equal(seen.size(), 200);
}

static void every_size_up_to_the_longest_is_filled(void** /*state*/) {
    Rng rng = seeded(0);
    for (std::size_t size = 0; size <= hsm4::wire::longest_random; ++size)
        assert_int_equal(draw(rng, size).size(), 2 * size);
    // The last byte is drawn, too: 64 times zero would be one chance in 2^512.
    std::set<std::string> last;
    for (int at = 0; at < 64; ++at) last.insert(draw(rng, 128).substr(254));
    assert_true(last.size() > 1);
}

static void more_than_hkdf_gives_fails_and_does_not_repeat(void** /*state*/) {
    Rng rng = seeded(0);
    hsm4::Bytes many(255 * 32);
    assert_false(static_cast<bool>(rng.fill(many)));
    assert_string_not_equal(draw(rng, 16).c_str(), draw(rng, 16).c_str());
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_two_draws_are_equal),
        cmocka_unit_test(every_size_up_to_the_longest_is_filled),
        cmocka_unit_test(more_than_hkdf_gives_fails_and_does_not_repeat),
    };
    return cmocka_run_group_tests_name("rng", tests, nullptr, nullptr);
}
