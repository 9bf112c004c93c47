// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Byte strings that both ends form alike (the worked example of hsm4-protocol(7) has their values).
#include "hsm4/wire/protocol.hpp"
#include "tests/unit/cmocka_all.hpp"

namespace wire = hsm4::wire;

namespace {

template <std::size_t N>
hsm4::Array<N> filled(std::uint8_t value) {
    hsm4::Array<N> bytes{};
    bytes.fill(std::byte{value});
    return bytes;
}

}  // namespace

static void the_prologue_holds_all_that_went_in_clear(void** /*state*/) {
    wire::LinkParameters parameters;
    parameters.ifsc = 0x0102;
    parameters.ifsd = 0x0304;
    parameters.cip = *hsm4::from_hex("c1c2");
    const auto prologue = wire::prologue(wire::Clear::open_psk, 3, filled<16>(0xaa), parameters);
    assert_string_equal(hsm4::to_hex(prologue).c_str(),
                        "68736d342d6f70656e"
                        "010303"
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "01020304c1c2");
}

static void the_module_id_depends_on_both_keys(void** /*state*/) {
    const auto id = *wire::module_id_of(filled<32>(1), filled<32>(2));
    assert_true(id != *wire::module_id_of(filled<32>(2), filled<32>(2)));
    assert_true(id != *wire::module_id_of(filled<32>(1), filled<32>(1)));
    const auto fingerprint = *wire::key_fingerprint(filled<32>(1), filled<32>(2));
    assert_memory_equal(id.data(), fingerprint.data(), id.size());
}

static void every_field_of_an_attestation_is_signed(void** /*state*/) {
    const auto text =
        wire::attested_text(filled<16>(1), filled<32>(2), 0x11, 0x01020304, filled<32>(3));
    assert_int_equal(text.size(), 14 + 16 + 32 + 1 + 4 + 32);
    assert_string_equal(hsm4::to_hex(hsm4::View{text}.subspan(62, 5)).c_str(), "1101020304");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_prologue_holds_all_that_went_in_clear),
        cmocka_unit_test(the_module_id_depends_on_both_keys),
        cmocka_unit_test(every_field_of_an_attestation_is_signed),
    };
    return cmocka_run_group_tests_name("protocol", tests, nullptr, nullptr);
}
