// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The rules of the I2C bus, access by access.
#include "hsm4/open/i2c_transport.hpp"

#include <memory>

#include "hsm4/open/link.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/scripted_bus.hpp"
#include "tests/unit/test_clock.hpp"

using hsm4::Bytes;
using hsm4::Deadline;
using hsm4::Errc;
using hsm4::open::I2cOutcome;
using hsm4::open::I2cTransport;
using namespace std::chrono_literals;
namespace t1 = hsm4::wire::t1;

namespace {

constexpr int idle = 0xff;  // what a module that has nothing to say gives to a probe
constexpr int nack = -EREMOTEIO;

const Bytes resynch = frame(t1::nad_host, 0xc0);
const Bytes resynched = frame(t1::nad_module, 0xe0);

Bytes bytes_of(std::size_t size, std::uint8_t fill) { return Bytes(size, std::byte{fill}); }
Bytes head_of(const Bytes& whole) { return {whole.begin(), whole.begin() + t1::overhead}; }
Bytes rest_of(const Bytes& whole) { return {whole.begin() + t1::overhead, whole.end()}; }

struct Bench {
    TestClock clock;
    ScriptedBusState state;
    I2cTransport transport;

    explicit Bench(std::initializer_list<Access> script)
        : transport{std::make_unique<ScriptedBus>(state), clock} {
        state.script = script;
    }
    Deadline within(std::chrono::microseconds time) const { return Deadline{clock, time}; }
    /// Released, and everything on the bus was as written.
    bool satisfied() {
        transport.release();
        return state.satisfied();
    }
};

template <class T>
bool fails_with(const hsm4::Result<T>& result, Errc code) {
    return !result && result.error().code == code;
}

void acquire(Bench& bench) {
    assert_true(static_cast<bool>(bench.transport.acquire(bench.within(1s))));
}

}  // namespace

static void a_block_is_one_write_and_two_reads(void** /*state*/) {
    const Bytes answer = frame(t1::nad_module, 0x00, bytes_of(80, 7));
    Bench bench{probe(idle), write(bytes_of(203, 1)), read(head_of(answer)), read(rest_of(answer))};
    acquire(bench);
    assert_true(static_cast<bool>(bench.transport.write(bytes_of(203, 1), bench.within(1s))));
    auto got = bench.transport.read(bench.within(300ms));
    assert_true(got && *got == answer);
    assert_true(bench.satisfied());
}

static void a_block_without_content_is_one_read(void** /*state*/) {
    Bench bench{probe(idle), write(resynch), read(resynched)};
    acquire(bench);
    assert_true(static_cast<bool>(bench.transport.write(resynch, bench.within(1s))));
    auto got = bench.transport.read(bench.within(300ms));
    assert_true(got && *got == resynched);
    assert_true(bench.satisfied());
}

static void a_module_that_is_busy_is_polled_whatever_the_adapter_calls_it(void** /*state*/) {
    for (const auto& adapter : hsm4::open::i2c_adapters) {
        const int busy = adapter.no_acknowledge;
        Bench bench{probe(idle),   write(resynch, busy), write(resynch), no_read(busy),
                    no_read(busy), no_read(busy),        read(resynched)};
        acquire(bench);
        assert_true(static_cast<bool>(bench.transport.write(resynch, bench.within(1s))));
        assert_true(static_cast<bool>(bench.transport.read(bench.within(300ms))));
        assert_true(bench.satisfied());
    }
}

static void every_answer_of_the_kernel_has_one_meaning(void** /*state*/) {
    using hsm4::open::outcome_of;
    assert_true(outcome_of(1) == I2cOutcome::done);
    for (const int code : {0, -EREMOTEIO, -ENXIO})
        assert_true(outcome_of(code) == I2cOutcome::busy);
    assert_true(outcome_of(-EAGAIN) == I2cOutcome::lost);
    for (const int code : {-EIO, -ETIMEDOUT})
        assert_true(outcome_of(code) == I2cOutcome::disturbed);
    assert_true(outcome_of(-ENODEV) == I2cOutcome::gone);
    for (const int code : {-EOPNOTSUPP, -EINVAL, -ENOMEM, -EACCES, -EBADF, 2})
        assert_true(outcome_of(code) == I2cOutcome::fatal);
}

static void polling_backs_off_and_ends_with_the_deadline(void** /*state*/) {
    Bench bench{probe(idle), write(resynch), no_read(nack)};
    bench.state.last_repeats = true;
    acquire(bench);
    assert_true(static_cast<bool>(bench.transport.write(resynch, bench.within(1s))));
    const auto start = bench.clock.now();
    assert_true(fails_with(bench.transport.read(bench.within(300ms)), Errc::timeout));
    assert_true(bench.clock.now() - start == 300ms);
    // 0.2, 0.4, 0.8 ... 5 ms: some sixty polls, not thousands.
    assert_in_range(bench.state.accesses, 40, 80);
    assert_true(bench.satisfied());
}

static void nobody_at_the_address_is_no_device_in_bounded_time(void** /*state*/) {
    Bench bench{probe(nack), write(resynch, nack)};
    bench.state.last_repeats = true;
    const auto start = bench.clock.now();
    acquire(bench);
    assert_true(fails_with(bench.transport.write(resynch, bench.within(4s)), Errc::no_device));
    assert_true(bench.clock.now() - start < 2s);
    assert_true(bench.satisfied());
}

static void a_module_that_was_there_and_falls_silent_is_a_timeout(void** /*state*/) {
    Bench bench{probe(idle), write(resynch), read(resynched), write(bytes_of(8, 1), nack)};
    bench.state.last_repeats = true;
    acquire(bench);
    assert_true(static_cast<bool>(bench.transport.write(resynch, bench.within(1s))));
    assert_true(static_cast<bool>(bench.transport.read(bench.within(300ms))));
    assert_true(fails_with(bench.transport.write(bytes_of(8, 1), bench.within(4s)), Errc::timeout));
    assert_true(bench.satisfied());
}

static void lost_arbitration_is_tried_again(void** /*state*/) {
    Bench bench{probe(-EAGAIN), write(resynch, -EAGAIN), write(resynch, -EAGAIN),
                write(resynch), no_read(-EAGAIN),        read(resynched)};
    acquire(bench);
    assert_true(static_cast<bool>(bench.transport.write(resynch, bench.within(1s))));
    assert_true(static_cast<bool>(bench.transport.read(bench.within(300ms))));
    assert_true(bench.satisfied());
}

static void a_bus_that_is_always_lost_is_a_fault_of_the_bus(void** /*state*/) {
    Bench bench{probe(idle), write(resynch, -EAGAIN)};
    bench.state.last_repeats = true;
    acquire(bench);
    assert_true(fails_with(bench.transport.write(resynch, bench.within(4s)), Errc::bus));
    assert_true(bench.satisfied());
}

static void trouble_of_the_controller_is_left_to_a_new_exchange(void** /*state*/) {
    for (const int code : {-EIO, -ETIMEDOUT}) {
        Bench bench{probe(code), write(resynch), no_read(code)};
        acquire(bench);
        assert_true(static_cast<bool>(bench.transport.write(resynch, bench.within(1s))));
        assert_true(fails_with(bench.transport.read(bench.within(300ms)), Errc::bus));
        assert_true(bench.satisfied());
    }
}

static void anything_else_is_fatal_at_once(void** /*state*/) {
    for (const int code : {-EOPNOTSUPP, -EINVAL}) {
        Bench bench{probe(idle), write(resynch, code)};
        acquire(bench);
        auto done = bench.transport.write(resynch, bench.within(1s));
        assert_true(fails_with(done, Errc::io) && done.error().detail == -code);
        assert_true(bench.satisfied());
    }
}

static void an_adapter_that_was_pulled_out_is_no_device(void** /*state*/) {
    Bench bench{probe(idle), write(resynch, -ENODEV)};
    acquire(bench);
    assert_true(fails_with(bench.transport.write(resynch, bench.within(1s)), Errc::no_device));
    assert_true(bench.satisfied());
}

static void lengths_that_no_block_has_are_malformed(void** /*state*/) {
    for (const std::uint8_t fill : {std::uint8_t{0xff}, std::uint8_t{0x12}, std::uint8_t{0x02}}) {
        Bench bench{probe(idle), read(bytes_of(t1::overhead, fill))};
        acquire(bench);
        assert_true(fails_with(bench.transport.read(bench.within(300ms)), Errc::malformed));
        assert_true(bench.satisfied());
    }
}

static void a_memory_chip_is_recognised_before_a_byte_is_written(void** /*state*/) {
    Bench bench{probe(0x92), read(bytes_of(266, 0x11))};
    assert_true(fails_with(bench.transport.acquire(bench.within(1s)), Errc::malformed));
    assert_true(bench.state.satisfied());  // closed by itself
}

static void an_answer_that_nobody_fetched_is_no_memory_chip(void** /*state*/) {
    Bytes stale = bytes_of(266, 0x11);
    std::fill(stale.begin() + 40, stale.end(), std::byte{0xff});
    Bench bench{probe(0x12), read(stale)};
    acquire(bench);
    assert_true(bench.satisfied());
}

static void a_module_once_known_is_not_probed_again(void** /*state*/) {
    Bench bench{probe(idle), write(resynch), read(resynched)};
    acquire(bench);
    assert_true(static_cast<bool>(bench.transport.write(resynch, bench.within(1s))));
    assert_true(static_cast<bool>(bench.transport.read(bench.within(300ms))));
    bench.transport.recognise();
    bench.transport.release();
    acquire(bench);
    assert_true(bench.satisfied());
}

static void another_process_on_the_bus_is_waited_for(void** /*state*/) {
    Bench bench{probe(idle)};
    bench.state.locked_elsewhere = 20;
    acquire(bench);
    assert_true(bench.satisfied());
}

static void another_process_that_never_ends_is_a_timeout(void** /*state*/) {
    Bench bench{};
    bench.state.locked_elsewhere = 1'000'000;
    const auto start = bench.clock.now();
    assert_true(fails_with(bench.transport.acquire(bench.within(4s)), Errc::timeout));
    assert_true(bench.clock.now() - start == 4s);
    assert_true(bench.state.satisfied());
}

static void a_bus_that_does_not_open_says_why(void** /*state*/) {
    Bench bench{};
    bench.state.opens = hsm4::Error{Errc::no_device, "the I2C bus", ENOENT};
    assert_true(fails_with(bench.transport.acquire(bench.within(4s)), Errc::no_device));
    assert_true(bench.state.satisfied());
}

static void a_link_on_the_bus_starts_with_resynch(void** /*state*/) {
    Bench bench{probe(idle), write(resynch), no_read(nack), read(resynched)};
    acquire(bench);
    hsm4::open::Link link{bench.transport};
    assert_true(static_cast<bool>(link.start(bench.within(4s))));
    assert_true(bench.satisfied());
}

static void a_stale_answer_does_not_pass_for_the_one_to_resynch(void** /*state*/) {
    const Bytes stale = frame(t1::nad_module, 0x00, bytes_of(10, 3));
    Bench bench{probe(idle),          write(resynch), read(head_of(stale)),
                read(rest_of(stale)), write(resynch), read(resynched)};
    acquire(bench);
    hsm4::open::Link link{bench.transport};
    assert_true(static_cast<bool>(link.start(bench.within(4s))));
    assert_true(bench.satisfied());
}

static void a_blank_memory_chip_gets_three_resynchs_and_no_more(void** /*state*/) {
    const Bytes ones = bytes_of(t1::overhead, 0xff);
    Bench bench{probe(idle), write(resynch), read(ones), write(resynch),
                read(ones),  write(resynch), read(ones)};
    acquire(bench);
    hsm4::open::Link link{bench.transport};
    assert_true(fails_with(link.start(bench.within(4s)), Errc::malformed));
    assert_true(bench.satisfied());
}

static void a_missing_bus_is_an_error_that_names_no_module(void** /*state*/) {
    hsm4::open::LinuxI2cBus missing{"/nonexistent/i2c-1", 0x30};
    assert_true(fails_with(missing.open(), Errc::no_device));
    hsm4::open::LinuxI2cBus other{"/dev/null", 0x30};
    auto opened = other.open();
    assert_true(fails_with(opened, Errc::io) && opened.error().detail == ENOTTY);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_block_is_one_write_and_two_reads),
        cmocka_unit_test(a_block_without_content_is_one_read),
        cmocka_unit_test(a_module_that_is_busy_is_polled_whatever_the_adapter_calls_it),
        cmocka_unit_test(every_answer_of_the_kernel_has_one_meaning),
        cmocka_unit_test(polling_backs_off_and_ends_with_the_deadline),
        cmocka_unit_test(nobody_at_the_address_is_no_device_in_bounded_time),
        cmocka_unit_test(a_module_that_was_there_and_falls_silent_is_a_timeout),
        cmocka_unit_test(lost_arbitration_is_tried_again),
        cmocka_unit_test(a_bus_that_is_always_lost_is_a_fault_of_the_bus),
        cmocka_unit_test(trouble_of_the_controller_is_left_to_a_new_exchange),
        cmocka_unit_test(anything_else_is_fatal_at_once),
        cmocka_unit_test(an_adapter_that_was_pulled_out_is_no_device),
        cmocka_unit_test(lengths_that_no_block_has_are_malformed),
        cmocka_unit_test(a_memory_chip_is_recognised_before_a_byte_is_written),
        cmocka_unit_test(an_answer_that_nobody_fetched_is_no_memory_chip),
        cmocka_unit_test(a_module_once_known_is_not_probed_again),
        cmocka_unit_test(another_process_on_the_bus_is_waited_for),
        cmocka_unit_test(another_process_that_never_ends_is_a_timeout),
        cmocka_unit_test(a_bus_that_does_not_open_says_why),
        cmocka_unit_test(a_link_on_the_bus_starts_with_resynch),
        cmocka_unit_test(a_stale_answer_does_not_pass_for_the_one_to_resynch),
        cmocka_unit_test(a_blank_memory_chip_gets_three_resynchs_and_no_more),
        cmocka_unit_test(a_missing_bus_is_an_error_that_names_no_module),
    };
    return cmocka_run_group_tests_name("I2C transport", tests, nullptr, nullptr);
}
