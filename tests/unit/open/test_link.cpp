// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The host's link against a scripted module: every fault that it mends, and each one that ends it.
#include "hsm4/open/link.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_transport.hpp"

using hsm4::Bytes;
using hsm4::Deadline;
using hsm4::Errc;
using hsm4::View;
using hsm4::open::Link;
using namespace script;
using namespace std::chrono_literals;

namespace {

constexpr auto budget = 60s;

Bytes text(std::string_view letters) {
    const View view = hsm4::view_of(letters);
    return {view.begin(), view.end()};
}

/// One exchange of "ask", by itself.
struct Played {
    hsm4::Result<Bytes> answer;
    bool satisfied;
    std::chrono::microseconds took;
};
Played play(std::deque<Step> steps, View message, std::chrono::microseconds time = budget) {
    TestClock clock;
    const auto begun = clock.now();
    ScriptedTransport bus{clock, std::move(steps)};
    Link link{bus};
    assert_true(static_cast<bool>(link.start(Deadline{clock, time})));
    auto answer = link.exchange(message, Deadline{clock, time});
    return {std::move(answer), bus.satisfied(), clock.now() - begun};
}
Played play(std::deque<Step> steps) { return play(std::move(steps), text("ask")); }

void assert_answers(const Played& played) {
    assert_true(played.satisfied);
    assert_true(played.answer && *played.answer == text("answer"));
}
void assert_ends(const Played& played, Errc code) {
    assert_true(played.satisfied);
    assert_true(!played.answer && played.answer.error().code == code);
}

const Step ask = expect(I0, text("ask"));
const Step good = answer(I0, text("answer"));

}  // namespace

static void one_block_there_and_one_back(void** /*state*/) { assert_answers(play({ask, good})); }

static void numbers_alternate_through_all_messages(void** /*state*/) {
    TestClock clock;
    ScriptedTransport bus{clock,
                          {ask, good, expect(I1, text("b")), answer(I1, text("2")),
                           expect(I0, text("c")), answer(I0, text("3"))}};
    Link link{bus};
    const Deadline deadline{clock, budget};
    for (const char* message : {"ask", "b", "c"})
        assert_true(static_cast<bool>(link.exchange(text(message), deadline)));
    assert_true(bus.satisfied());
}

static void a_long_message_is_a_chain(void** /*state*/) {
    const Bytes message(600, std::byte{'m'});
    const View view{message};
    const auto played =
        play({expect(I0_more, view.first(254)), answer(R1), expect(I1_more, view.first(254)),
              answer(R0), expect(I0, view.first(92)), good},
             message);
    assert_answers(played);
}

static void a_long_answer_is_a_chain(void** /*state*/) {
    assert_answers(play({ask, answer(I0_more, text("ans")), expect(R1), answer(I1_more, text("w")),
                         expect(R0), answer(I0, text("er"))}));
}

static void no_message_is_empty_or_too_long(void** /*state*/) {
    assert_ends(play({}, {}), Errc::usage);
    assert_ends(play({}, Bytes(1025)), Errc::usage);
}

static void silence_is_asked_about(void** /*state*/) {
    const auto played = play({ask, silence(), expect(R0_other), good});
    assert_answers(played);
}

static void a_damaged_answer_is_asked_for_again(void** /*state*/) {
    assert_answers(play({ask, damaged(I0, text("answer")), expect(R0_crc), good}));
    assert_answers(play(
        {ask, damaged(I0, text("answer")), expect(R0_crc), damaged(I0), expect(R0_crc), good}));
}

static void what_is_no_block_is_asked_for_again(void** /*state*/) {
    for (const Bytes& junk :
         {Bytes{}, Bytes(5, std::byte{0xff}), Bytes(300, std::byte{0xff}), block(0x21, I0, {}),
          block(0x12, I0, Bytes(255)), block(0x12, 0x1f, {}), block(0x12, I1_more | 1, {})})
        assert_answers(play({ask, raw(junk), expect(R0_other), good}));
}

static void a_block_that_the_module_lacks_is_repeated(void** /*state*/) {
    for (const std::uint8_t complaint : {R0_crc, R0_other, R0})
        assert_answers(play({ask, answer(complaint), ask, good}));
    assert_answers(play({ask, silence(), expect(R0_other), answer(R0_other), ask, good}));
}

static void three_faults_in_a_row_end_it(void** /*state*/) {
    assert_ends(play({ask, silence(), expect(R0_other), silence(), expect(R0_other), silence()}),
                Errc::timeout);
    assert_ends(play({ask, damaged(I0), expect(R0_crc), damaged(I0), expect(R0_crc), damaged(I0)}),
                Errc::bus);
    assert_ends(play({ask, answer(R0_crc), ask, answer(R0_crc), ask, answer(R0_crc)}), Errc::bus);
}

static void each_block_of_a_chain_may_have_its_faults(void** /*state*/) {
    const Bytes message(300, std::byte{'m'});
    const View view{message};
    const Step first = expect(I0_more, view.first(254));
    const Step last = expect(I1, view.first(46));
    assert_answers(play({first, answer(R0_crc), first, silence(), expect(R0_other), answer(R1),
                         last, answer(R1_crc), last, answer(R1_other), last, good},
                        message));
}

static void an_older_block_once_more_is_ignored_or_shows_a_loss(void** /*state*/) {
    // Not asked for: a late repetition.
    assert_answers(play({ask, answer(I1, text("old")), good}));
    // Asked for: the module repeats its last block, because it lacks ours.
    assert_answers(play({ask, silence(), expect(R0_other), answer(I1, text("old")), ask, good}));
}

static void repetitions_without_end_end_it(void** /*state*/) {
    std::deque<Step> steps{ask};
    for (int at = 0; at < 17; ++at) steps.push_back(answer(I1, text("old")));
    assert_ends(play(std::move(steps)), Errc::bus);
}

static void an_answer_to_half_a_message_is_a_fault(void** /*state*/) {
    const Bytes message(300, std::byte{'m'});
    const Step first = expect(I0_more, View{message}.first(254));
    assert_ends(play({first, good, expect(R0_other), good, expect(R0_other), good}, message),
                Errc::bus);
}

static void a_request_for_time_is_granted(void** /*state*/) {
    const auto factor = *hsm4::from_hex("0a");
    Step late = good;
    late.after = 2900ms;
    assert_answers(play({ask, answer(wtx, factor), expect(wtx_done, factor), late}));
    late.after = 3100ms;
    assert_answers(
        play({ask, answer(wtx, factor), expect(wtx_done, factor), late, expect(R0_other), good}));
}

static void requests_for_time_without_end_end_it(void** /*state*/) {
    const auto factor = *hsm4::from_hex("01");
    std::deque<Step> steps{ask};
    for (int at = 0; at < 16; ++at) {
        steps.push_back(answer(wtx, factor));
        steps.push_back(expect(wtx_done, factor));
    }
    steps.push_back(answer(wtx, factor));
    assert_ends(play(std::move(steps)), Errc::timeout);
}

static void no_request_for_time_reaches_beyond_the_deadline(void** /*state*/) {
    const auto factor = *hsm4::from_hex("ff");
    const auto played =
        play({ask, answer(wtx, factor), expect(wtx_done, factor), silence(), expect(R0_other)},
             text("ask"), 5s);
    assert_ends(played, Errc::timeout);
    assert_true(played.took <= 5s);
}

static void damaged_requests_are_asked_about(void** /*state*/) {
    for (const char* inf : {"", "00", "0101"})
        assert_answers(play({ask, answer(wtx, *hsm4::from_hex(inf)), expect(R0_other), good}));
    for (const char* inf : {"", "10", "000f", "0ffa", "ffff", "001000"})
        assert_answers(play({ask, answer(ifs, *hsm4::from_hex(inf)), expect(R0_other), good}));
    for (const std::uint8_t pcb : {resynch, std::uint8_t{0xc4}, std::uint8_t{0xc6}})
        assert_answers(play({ask, answer(pcb), expect(R0_other), good}));
}

static void a_smaller_block_size_is_obeyed_and_remembered(void** /*state*/) {
    TestClock clock;
    const auto sixteen = *hsm4::from_hex("0010");
    const Bytes message(20, std::byte{'m'});
    ScriptedTransport bus{clock,
                          {ask, answer(ifs, sixteen), expect(ifs_done, sixteen), good,
                           expect(I1_more, View{message}.first(16)), answer(R0),
                           expect(I0, View{message}.first(4)), answer(I1, text("x"))}};
    Link link{bus};
    const Deadline deadline{clock, budget};
    assert_true(static_cast<bool>(link.exchange(text("ask"), deadline)));
    assert_int_equal(link.parameters().ifsc, 16);
    assert_true(static_cast<bool>(link.exchange(message, deadline)));
    assert_true(bus.satisfied());
}

static void a_larger_block_size_is_remembered_but_not_used(void** /*state*/) {
    const auto large = *hsm4::from_hex("0ff9");
    const Bytes message(300, std::byte{'m'});
    const Step first = expect(I0_more, View{message}.first(254));
    assert_answers(play({first, answer(ifs, large), expect(ifs_done, large), answer(R1),
                         expect(I1, View{message}.first(46)), good},
                        message));
}

static void a_module_that_breaks_off_is_answered_and_left(void** /*state*/) {
    assert_ends(play({ask, answer(stop), expect(stopped)}), Errc::bus);
}

static void an_answer_without_end_is_broken_off(void** /*state*/) {
    const Bytes part(254);
    assert_ends(play({ask, answer(I0_more, part), expect(R1), answer(I1_more, part), expect(R0),
                      answer(I0_more, part), expect(R1), answer(I1_more, part), expect(R0),
                      answer(I0_more, part), expect(stop), answer(stopped)}),
                Errc::malformed);
    assert_ends(play({ask, answer(I0_more), expect(stop), answer(stopped)}), Errc::malformed);
}

static void what_the_transport_cannot_mend_is_passed_up(void** /*state*/) {
    for (const Errc code : {Errc::no_device, Errc::bus, Errc::io})
        assert_ends(play({ask, fail(code)}), code);
}

static void the_first_answer_on_a_stream_may_wait_for_others(void** /*state*/) {
    Step late = good;
    late.after = 2500ms;
    assert_answers(play({ask, late}));
    // But not longer than half of what there is.
    late.after = 600ms;
    assert_answers(play({ask, late, expect(R0_other), good}, text("ask"), 1s));
}

static void a_bus_is_brought_to_its_first_state(void** /*state*/) {
    TestClock clock;
    ScriptedTransport bus{clock, {expect(resynch), answer(resynch_done)}, true};
    assert_true(static_cast<bool>(Link{bus}.start(Deadline{clock, budget})));
    assert_true(bus.satisfied());
    ScriptedTransport noisy{clock,
                            {expect(resynch), silence(), expect(resynch), damaged(resynch_done),
                             expect(resynch), answer(resynch_done)},
                            true};
    assert_true(static_cast<bool>(Link{noisy}.start(Deadline{clock, budget})));
    assert_true(noisy.satisfied() && noisy.resets >= 2);
}

static void what_does_not_speak_the_protocol_is_malformed(void** /*state*/) {
    TestClock clock;
    const Bytes eeprom(6, std::byte{0xff});
    ScriptedTransport bus{
        clock,
        {expect(resynch), raw(eeprom), expect(resynch), raw(eeprom), expect(resynch), raw(eeprom)},
        true};
    auto started = Link{bus}.start(Deadline{clock, budget});
    assert_true(bus.satisfied());
    assert_true(!started && started.error().code == Errc::malformed);
}

static void what_never_answers_is_a_timeout(void** /*state*/) {
    TestClock clock;
    ScriptedTransport bus{
        clock,
        {expect(resynch), silence(), expect(resynch), silence(), expect(resynch), silence()},
        true};
    auto started = Link{bus}.start(Deadline{clock, budget});
    assert_true(bus.satisfied());
    assert_true(!started && started.error().code == Errc::timeout);
    ScriptedTransport gone{clock, {expect(resynch), fail(Errc::no_device)}, true};
    assert_true(Link{gone}.start(Deadline{clock, budget}).error().code == Errc::no_device);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(one_block_there_and_one_back),
        cmocka_unit_test(numbers_alternate_through_all_messages),
        cmocka_unit_test(a_long_message_is_a_chain),
        cmocka_unit_test(a_long_answer_is_a_chain),
        cmocka_unit_test(no_message_is_empty_or_too_long),
        cmocka_unit_test(silence_is_asked_about),
        cmocka_unit_test(a_damaged_answer_is_asked_for_again),
        cmocka_unit_test(what_is_no_block_is_asked_for_again),
        cmocka_unit_test(a_block_that_the_module_lacks_is_repeated),
        cmocka_unit_test(three_faults_in_a_row_end_it),
        cmocka_unit_test(each_block_of_a_chain_may_have_its_faults),
        cmocka_unit_test(an_older_block_once_more_is_ignored_or_shows_a_loss),
        cmocka_unit_test(repetitions_without_end_end_it),
        cmocka_unit_test(an_answer_to_half_a_message_is_a_fault),
        cmocka_unit_test(a_request_for_time_is_granted),
        cmocka_unit_test(requests_for_time_without_end_end_it),
        cmocka_unit_test(no_request_for_time_reaches_beyond_the_deadline),
        cmocka_unit_test(damaged_requests_are_asked_about),
        cmocka_unit_test(a_smaller_block_size_is_obeyed_and_remembered),
        cmocka_unit_test(a_larger_block_size_is_remembered_but_not_used),
        cmocka_unit_test(a_module_that_breaks_off_is_answered_and_left),
        cmocka_unit_test(an_answer_without_end_is_broken_off),
        cmocka_unit_test(what_the_transport_cannot_mend_is_passed_up),
        cmocka_unit_test(the_first_answer_on_a_stream_may_wait_for_others),
        cmocka_unit_test(a_bus_is_brought_to_its_first_state),
        cmocka_unit_test(what_does_not_speak_the_protocol_is_malformed),
        cmocka_unit_test(what_never_answers_is_a_timeout),
    };
    return cmocka_run_group_tests_name("link", tests, nullptr, nullptr);
}
