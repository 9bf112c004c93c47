// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's end of the link, block by block.
#include "hsm4/device/link.hpp"

#include "tests/unit/cmocka_all.hpp"

namespace t1 = hsm4::wire::t1;
using hsm4::Bytes;
using hsm4::View;
using hsm4::device::Link;
using t1::Ack;
using t1::Service;

namespace {

Bytes from_host(std::uint8_t pcb, View inf = {}) {
    return *t1::encode({t1::nad_host, pcb, Bytes{inf.begin(), inf.end()}});
}
Bytes from_module(std::uint8_t pcb, View inf = {}) {
    return *t1::encode({t1::nad_module, pcb, Bytes{inf.begin(), inf.end()}});
}
std::uint8_t information(bool number, bool more = false) {
    return t1::information_pcb(number, more);
}
const View hello = hsm4::view_of("hello");
const View there = hsm4::view_of("there");

}  // namespace

static void a_message_comes_whole_and_its_answer_goes_back(void** /*state*/) {
    Link link;
    const auto step = link.receive(from_host(information(false), hello));
    assert_true(step.message && std::ranges::equal(*step.message, hello));
    assert_true(!step.frame && !step.ended && !step.damaged);
    assert_true(link.send(there) == from_module(information(false), there));
    assert_true(link.receive(from_host(information(true), hello)).message.has_value());
    assert_true(link.send(there) == from_module(information(true), there));
}

static void a_chain_is_acknowledged_and_put_together(void** /*state*/) {
    Link link;
    const auto first = link.receive(from_host(information(false, true), hello));
    assert_true(!first.message && first.frame == from_module(t1::receive_pcb(true, Ack::ok)));
    const auto last = link.receive(from_host(information(true), there));
    assert_string_equal(hsm4::to_hex(*last.message).c_str(), "68656c6c6f7468657265");
}

static void a_long_answer_goes_in_blocks_as_they_are_asked_for(void** /*state*/) {
    Link link;
    static_cast<void>(link.receive(from_host(information(false), hello)));
    const Bytes answer(600, std::byte{0x61});
    assert_true(link.send(answer) ==
                from_module(information(false, true), View{answer}.first(254)));
    const auto second = link.receive(from_host(t1::receive_pcb(true, Ack::ok)));
    assert_true(second.frame == from_module(information(true, true), View{answer}.first(254)));
    // Asked once more for the same one, it says the same.
    assert_true(link.receive(from_host(t1::receive_pcb(true, Ack::other_error))).frame ==
                second.frame);
    assert_true(link.receive(from_host(t1::receive_pcb(false, Ack::ok))).frame ==
                from_module(information(false), View{answer}.first(92)));
}

static void a_repetition_is_not_executed_again(void** /*state*/) {
    Link link;
    static_cast<void>(link.receive(from_host(information(false), hello)));
    const Bytes answer = link.send(there);
    const auto again = link.receive(from_host(information(false), hello));
    assert_true(!again.message && again.frame == answer);
}

static void damage_is_complained_of_and_changes_nothing(void** /*state*/) {
    Link link;
    Bytes frame = from_host(information(false), hello);
    frame.back() ^= std::byte{1};
    auto step = link.receive(frame);
    assert_true(step.damaged && step.frame == from_module(t1::receive_pcb(false, Ack::crc_error)));
    step = link.receive({});
    assert_true(step.damaged &&
                step.frame == from_module(t1::receive_pcb(false, Ack::other_error)));
    assert_true(link.receive(from_host(information(false), hello)).message.has_value());
}

static void another_nad_and_a_block_that_is_too_long_are_complained_of(void** /*state*/) {
    Link link;
    const Bytes complaint = from_module(t1::receive_pcb(false, Ack::other_error));
    assert_true(link.receive(from_module(information(false), hello)).frame == complaint);
    const Bytes longest(255);
    assert_true(link.receive(from_host(information(false), longest)).frame == complaint);
}

static void a_chain_without_end_is_broken_off(void** /*state*/) {
    Link link;
    const Bytes part(254);
    bool number = false;
    for (int at = 0; at < 4; ++at, number = !number)
        assert_true(link.receive(from_host(information(number, true), part)).frame ==
                    from_module(t1::receive_pcb(!number, Ack::ok)));
    assert_true(link.receive(from_host(information(number, true), part)).frame ==
                from_module(t1::request_pcb(Service::abort)));
    const auto silent = link.receive(from_host(t1::response_pcb(Service::abort)));
    assert_true(!silent.frame && !silent.message);
    // What came before is forgotten.
    const auto next = link.receive(from_host(information(!number), hello));
    assert_true(next.message && std::ranges::equal(*next.message, hello));
}

static void resynch_release_and_reset_end_the_exchange(void** /*state*/) {
    for (const Service service : {Service::resynch, Service::release, Service::swr}) {
        Link link;
        static_cast<void>(link.receive(from_host(information(false), hello)));
        const auto step = link.receive(from_host(t1::request_pcb(service)));
        assert_true(step.ended && step.frame == from_module(t1::response_pcb(service)));
        assert_true(link.receive(from_host(information(false), hello)).message.has_value());
    }
}

static void the_host_chooses_the_size_of_our_blocks(void** /*state*/) {
    Link link;
    const Bytes size{std::byte{0}, std::byte{16}};
    assert_true(link.receive(from_host(t1::request_pcb(Service::ifs), size)).frame ==
                from_module(t1::response_pcb(Service::ifs), size));
    assert_int_equal(link.parameters().ifsd, 16);
    const Bytes answer(17);
    assert_true(link.send(answer) == from_module(information(false, true), View{answer}.first(16)));
    const Bytes too_short{std::byte{0}, std::byte{15}};
    assert_true(link.receive(from_host(t1::request_pcb(Service::ifs), too_short)).frame ==
                from_module(t1::receive_pcb(false, Ack::other_error)));
    assert_int_equal(link.parameters().ifsd, 16);
    link.reset();
    assert_int_equal(link.parameters().ifsd, t1::default_ifs);
}

static void parameters_that_were_told_are_remembered_for_the_prologue(void** /*state*/) {
    Link link;
    assert_true(link.parameters().cip.empty());
    const auto step = link.receive(from_host(t1::request_pcb(Service::cip)));
    assert_false(link.parameters().cip.empty());
    assert_true(step.frame == from_module(t1::response_pcb(Service::cip), link.parameters().cip));
}

static void a_modules_own_request_is_none_of_a_hosts(void** /*state*/) {
    Link link;
    const Bytes factor{std::byte{1}};
    assert_true(link.receive(from_host(t1::request_pcb(Service::wtx), factor)).frame ==
                from_module(t1::receive_pcb(false, Ack::other_error)));
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_whole_and_its_answer_goes_back),
        cmocka_unit_test(a_chain_is_acknowledged_and_put_together),
        cmocka_unit_test(a_long_answer_goes_in_blocks_as_they_are_asked_for),
        cmocka_unit_test(a_repetition_is_not_executed_again),
        cmocka_unit_test(damage_is_complained_of_and_changes_nothing),
        cmocka_unit_test(another_nad_and_a_block_that_is_too_long_are_complained_of),
        cmocka_unit_test(a_chain_without_end_is_broken_off),
        cmocka_unit_test(resynch_release_and_reset_end_the_exchange),
        cmocka_unit_test(the_host_chooses_the_size_of_our_blocks),
        cmocka_unit_test(parameters_that_were_told_are_remembered_for_the_prologue),
        cmocka_unit_test(a_modules_own_request_is_none_of_a_hosts),
    };
    return cmocka_run_group_tests_name("link", tests, nullptr, nullptr);
}
