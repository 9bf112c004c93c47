// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// One unlock with a fault at each place where one can be: at each transfer, and in it at each byte.
// The client's code against the module's own, on a simulated bus.
#include <cstdio>
#include <memory>
#include <vector>

#include "hsm4/open/i2c_errors.hpp"
#include "tests/i2c/bench.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::bench::Bench;
using hsm4::bench::Fault;
using hsm4::bench::Transfer;
using Kind = hsm4::bench::Fault::Kind;

namespace {

constexpr std::size_t most_bytes = 450;

std::unique_ptr<Bench> bench_of(int no_acknowledge = -EREMOTEIO) {
    auto bench = Bench::make(no_acknowledge);
    assert_true(static_cast<bool>(bench));
    return std::move(*bench);
}

/// The transfers of an unlock without faults.
std::vector<Transfer> transfers_of(Bench& bench) {
    std::vector<Transfer> seen;
    bench.target().plan([&](const Transfer& transfer) -> std::optional<Fault> {
        seen.push_back(transfer);
        return std::nullopt;
    });
    auto key = bench.unlock();
    assert_true(key && bench.is_the_key(*key));
    return seen;
}

/// One fault, at transfer `number`; the unlock must give the right key all the same.
void mends(Bench& bench, std::uint32_t number, Fault fault) {
    bench.target().plan([=](const Transfer& transfer) -> std::optional<Fault> {
        if (transfer.number == number) return fault;
        return std::nullopt;
    });
    const auto start = bench.clock().now();
    auto key = bench.unlock();
    const bool good = key && bench.is_the_key(*key);
    if (!good) std::fprintf(stderr, "transfer %u, %s:%u\n", number, name_of(fault.kind), fault.n);
    assert_true(good);
    assert_true(bench.clock().now() - start <= Bench::budget);
}

/// The same fault from transfer `number` on; it must end in time, and not in a wrong key.
void ends(Bench& bench, std::uint32_t number, Fault fault) {
    bench.target().plan([=](const Transfer& transfer) -> std::optional<Fault> {
        if (transfer.number >= number) return fault;
        return std::nullopt;
    });
    const auto start = bench.clock().now();
    auto key = bench.unlock();
    assert_true(!key || bench.is_the_key(*key));
    assert_true(bench.clock().now() - start <= Bench::budget + std::chrono::milliseconds{10});
    // And it was the bus, not the module: nothing is left of it.
    bench.target().plan({});
    bench.clock().sleep(std::chrono::minutes{2});
    key = bench.unlock();
    const bool good = key && bench.is_the_key(*key);
    if (!good)
        std::fprintf(stderr, "after %s:%u from transfer %u on\n", name_of(fault.kind), fault.n,
                     number);
    assert_true(good);
    assert_int_equal(bench.module().state().wrong_proofs, 0);
}

}  // namespace

static void an_unlock_fits_into_450_bytes(void** /*state*/) {
    auto bench = bench_of();
    std::size_t bytes = 0;
    for (const Transfer& transfer : transfers_of(*bench)) bytes += transfer.size;
    std::printf("# bytes of an unlock on the bus: %zu\n", bytes);
    assert_in_range(bytes, 1, most_bytes);
}

static void every_block_fits_into_one_transfer_of_one_byte_or_more(void** /*state*/) {
    auto bench = bench_of();
    for (const Transfer& transfer : transfers_of(*bench)) assert_in_range(transfer.size, 1, 260);
}

static void a_byte_that_is_not_acknowledged(void** /*state*/) {
    for (const auto& adapter : hsm4::open::i2c_adapters) {
        auto bench = bench_of(adapter.no_acknowledge);
        for (const Transfer& transfer : transfers_of(*bench)) {
            const auto last = static_cast<std::uint32_t>(transfer.is_read ? 0 : transfer.size);
            for (std::uint32_t byte = 0; byte <= last; ++byte)
                mends(*bench, transfer.number, {Kind::nack, byte});
        }
    }
}

static void a_bit_that_is_turned_over(void** /*state*/) {
    auto bench = bench_of();
    for (const Transfer& transfer : transfers_of(*bench))
        for (std::uint32_t byte = 0; byte < transfer.size; ++byte)
            mends(*bench, transfer.number, {Kind::corrupt, 8 * byte + byte % 8});
}

static void a_transfer_that_is_cut_short(void** /*state*/) {
    auto bench = bench_of();
    for (const Transfer& transfer : transfers_of(*bench))
        for (std::uint32_t byte = 0; byte < transfer.size; ++byte)
            mends(*bench, transfer.number, {Kind::truncate, byte});
}

static void any_other_single_fault(void** /*state*/) {
    constexpr Fault faults[] = {{Kind::duplicate, 0}, {Kind::swallow, 0},   {Kind::short_count, 0},
                                {Kind::again, 0},     {Kind::timed_out, 0}, {Kind::timed_out, 1},
                                {Kind::io, 0},        {Kind::io, 1},        {Kind::silence, 20},
                                {Kind::silence, 310}, {Kind::silence, 900}, {Kind::wtx, 1},
                                {Kind::wtx, 16},      {Kind::wtx, 17},      {Kind::reset, 0}};
    auto bench = bench_of();
    const auto transfers = transfers_of(*bench);
    for (const Fault& fault : faults)
        for (const Transfer& transfer : transfers) mends(*bench, transfer.number, fault);
    assert_int_equal(bench->module().state().wrong_proofs, 0);
}

static void a_fault_that_never_ends(void** /*state*/) {
    constexpr Fault faults[] = {{Kind::nack, 0},      {Kind::nack, 3},         {Kind::corrupt, 11},
                                {Kind::truncate, 0},  {Kind::truncate, 5},     {Kind::duplicate, 0},
                                {Kind::swallow, 0},   {Kind::short_count, 0},  {Kind::again, 0},
                                {Kind::timed_out, 0}, {Kind::timed_out, 1},    {Kind::io, 0},
                                {Kind::io, 1},        {Kind::silence, 60'000}, {Kind::wtx, 1},
                                {Kind::wtx, 1000},    {Kind::reset, 0}};
    auto bench = bench_of();
    const auto transfers = transfers_of(*bench);
    for (const Fault& fault : faults)
        for (const Transfer& transfer : transfers) ends(*bench, transfer.number, fault);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(an_unlock_fits_into_450_bytes),
        cmocka_unit_test(every_block_fits_into_one_transfer_of_one_byte_or_more),
        cmocka_unit_test(a_byte_that_is_not_acknowledged),
        cmocka_unit_test(a_bit_that_is_turned_over),
        cmocka_unit_test(a_transfer_that_is_cut_short),
        cmocka_unit_test(any_other_single_fault),
        cmocka_unit_test(a_fault_that_never_ends),
    };
    return cmocka_run_group_tests_name("I2C faults", tests, nullptr, nullptr);
}
