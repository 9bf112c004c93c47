// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// T=1' blocks. The bytes of S(CIP) and S(RESYNCH) were published by others; 0x906e is the check\n//
// value of CRC-16/X-25.
#include "hsm4/wire/t1.hpp"
#include "tests/unit/cmocka_all.hpp"

namespace t1 = hsm4::wire::t1;
using hsm4::Bytes;
using hsm4::Errc;
using hsm4::View;

static void the_crc_has_its_check_value(void** /*state*/) {
    assert_int_equal(t1::crc16(hsm4::view_of("123456789")), 0x906e);
    assert_int_equal(t1::crc16({}), 0);
}

static void known_blocks_are_encoded(void** /*state*/) {
    auto cip = t1::encode({t1::nad_host, t1::request_pcb(t1::Service::cip), {}});
    assert_string_equal(hsm4::to_hex(*cip).c_str(), "21c4000006cd");
    auto resynch = t1::encode({t1::nad_host, t1::request_pcb(t1::Service::resynch), {}});
    assert_string_equal(hsm4::to_hex(*resynch).c_str(), "21c0000065ac");
}

static void every_length_goes_there_and_back(void** /*state*/) {
    for (const std::size_t size : {0U, 1U, 2U, 254U, 255U, 256U, 4088U, 4089U}) {
        const Bytes inf(size, std::byte{0x5a});
        auto frame = t1::encode({t1::nad_module, 0x40, inf});
        assert_int_equal(frame->size(), size + t1::overhead);
        assert_int_equal(*t1::frame_size(*frame), frame->size());
        auto block = t1::decode(*frame);
        assert_true(block->nad == t1::nad_module && block->pcb == 0x40 && block->inf == inf);
    }
    assert_false(static_cast<bool>(t1::encode({0, 0, Bytes(4090)})));
}

static void any_bit_changed_is_noticed(void** /*state*/) {
    auto frame = *t1::encode({t1::nad_host, 0x00, Bytes(20, std::byte{3})});
    for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
        Bytes bad = frame;
        bad[bit / 8] ^= std::byte{1} << (bit % 8);
        auto block = t1::decode(bad);
        const bool in_length = bit / 8 == 2 || bit / 8 == 3;
        assert_true(!block &&
                    block.error().code == (in_length ? Errc::malformed : Errc::unauthentic));
    }
}

static void lengths_that_do_not_fit_are_malformed(void** /*state*/) {
    const auto frame = *t1::encode({t1::nad_host, 0x00, Bytes(20)});
    for (std::size_t size = 0; size < frame.size(); ++size) {
        auto block = t1::decode(View{frame}.first(size));
        assert_true(!block && block.error().code == Errc::malformed);
    }
    Bytes longer = frame;
    longer.push_back(std::byte{});
    assert_true(t1::decode(longer).error().code == Errc::malformed);
    for (const char* head : {"", "21", "210000", "21000ffa", "2100ffff"})
        assert_false(static_cast<bool>(t1::frame_size(*hsm4::from_hex(head))));
}

static void every_pcb_is_either_parsed_exactly_or_refused(void** /*state*/) {
    int valid = 0;
    for (unsigned pcb = 0; pcb < 256; ++pcb) {
        const auto parsed = t1::parse_pcb(static_cast<std::uint8_t>(pcb));
        if (!parsed) continue;
        ++valid;
        std::uint8_t again = 0;
        switch (parsed->kind) {
            case t1::Pcb::Kind::information:
                again = t1::information_pcb(parsed->number, parsed->more);
                break;
            case t1::Pcb::Kind::receive:
                again = t1::receive_pcb(parsed->number, parsed->ack);
                break;
            case t1::Pcb::Kind::request: again = t1::request_pcb(parsed->service); break;
            case t1::Pcb::Kind::response: again = t1::response_pcb(parsed->service); break;
        }
        assert_int_equal(again, pcb);
    }
    assert_int_equal(valid, 4 + 6 + 7 + 7);  // I, R, S requests, S responses
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_crc_has_its_check_value),
        cmocka_unit_test(known_blocks_are_encoded),
        cmocka_unit_test(every_length_goes_there_and_back),
        cmocka_unit_test(any_bit_changed_is_noticed),
        cmocka_unit_test(lengths_that_do_not_fit_are_malformed),
        cmocka_unit_test(every_pcb_is_either_parsed_exactly_or_refused),
    };
    return cmocka_run_group_tests_name("t1", tests, nullptr, nullptr);
}
