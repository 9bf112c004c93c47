// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Hexadecimal and base64: there and back, and everything that is neither.
#include "hsm4/bytes.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Bytes;
using hsm4::Errc;

namespace {

Bytes counting(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t at = 0; at < size; ++at) bytes[at] = static_cast<std::byte>(at * 7);
    return bytes;
}

}  // namespace

static void hexadecimal_goes_there_and_back(void** /*state*/) {
    for (std::size_t size = 0; size < 70; ++size)
        assert_true(*hsm4::from_hex(hsm4::to_hex(counting(size))) == counting(size));
    assert_string_equal(hsm4::to_hex(*hsm4::from_hex("00fFaB")).c_str(), "00ffab");
}

static void anything_else_is_no_hexadecimal(void** /*state*/) {
    for (const char* text : {"0", "0g", "g0", " 00", "00 ", "0x00", "00\n", "-1"}) {
        auto bytes = hsm4::from_hex(text);
        assert_true(!bytes && bytes.error().code == Errc::malformed);
    }
}

// RFC 4648, section 10
static void base64_gives_the_vectors_of_its_specification(void** /*state*/) {
    const char* const vectors[][2] = {{"", ""},
                                      {"f", "Zg=="},
                                      {"fo", "Zm8="},
                                      {"foo", "Zm9v"},
                                      {"foob", "Zm9vYg=="},
                                      {"fooba", "Zm9vYmE="},
                                      {"foobar", "Zm9vYmFy"}};
    for (const auto& [text, encoded] : vectors) {
        assert_string_equal(hsm4::to_base64(hsm4::view_of(text)).c_str(), encoded);
        assert_true(std::ranges::equal(*hsm4::from_base64(encoded), hsm4::view_of(text)));
    }
}

static void base64_goes_there_and_back(void** /*state*/) {
    for (std::size_t size = 0; size < 200; ++size)
        assert_true(*hsm4::from_base64(hsm4::to_base64(counting(size))) == counting(size));
}

static void anything_else_is_no_base64(void** /*state*/) {
    for (const char* text :
         {"Z", "Zg", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=", " Zg==", "Zg== ", "Zg==\n",
          "\nZg=", "Zm9v=", "Zm-v", "Zm_v", "Zg==Zg==", "Z===", "Zm 9"}) {
        auto bytes = hsm4::from_base64(text);
        assert_true(!bytes && bytes.error().code == Errc::malformed);
    }
    assert_false(static_cast<bool>(hsm4::from_base64(std::string((1U << 20) + 4, 'A'))));
}

static void an_array_takes_exactly_its_size(void** /*state*/) {
    assert_true(static_cast<bool>(hsm4::to_array<4>(counting(4), "four")));
    assert_false(static_cast<bool>(hsm4::to_array<4>(counting(3), "four")));
    assert_false(static_cast<bool>(hsm4::to_array<4>(counting(5), "four")));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(hexadecimal_goes_there_and_back),
        cmocka_unit_test(anything_else_is_no_hexadecimal),
        cmocka_unit_test(base64_gives_the_vectors_of_its_specification),
        cmocka_unit_test(base64_goes_there_and_back),
        cmocka_unit_test(anything_else_is_no_base64),
        cmocka_unit_test(an_array_takes_exactly_its_size),
    };
    return cmocka_run_group_tests_name("bytes", tests, nullptr, nullptr);
}
