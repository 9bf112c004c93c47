// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Unlocks by the thousand on a bus with random faults: each ends in the right key, or in a refusal
// within its deadline. Time is simulated, so silence costs nothing.
//
//   i2c-soak [UNLOCKS [FAULTS_PER_10000_TRANSFERS [SEED]]]
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "hsm4/describe.hpp"
#include "hsm4/open/i2c_errors.hpp"
#include "tests/i2c/bench.hpp"

namespace {

using hsm4::bench::Bench;
using hsm4::bench::Fault;
using hsm4::bench::Transfer;

constexpr unsigned whole = 10'000;
constexpr double least_success = 0.999;
/// Longest single wait that may end after the deadline: the module computing a duplicate.
constexpr std::chrono::milliseconds tolerance{10};

struct Options {
    unsigned long unlocks = 500;
    unsigned rate = 100;  ///< faults in 10,000 transfers
    unsigned long seed = 0;
};

struct Outcomes {
    unsigned long right = 0;
    unsigned long late = 0;
    unsigned long wrong = 0;
    std::chrono::microseconds longest{};
    std::map<std::string, unsigned long> refusals;
    std::map<std::string, unsigned long> faults;
};

Options options_of(int argc, char** argv) {
    Options options;
    options.seed = std::random_device{}();
    if (argc > 1) options.unlocks = std::strtoul(argv[1], nullptr, 10);
    if (argc > 2) options.rate = static_cast<unsigned>(std::strtoul(argv[2], nullptr, 10));
    if (argc > 3) options.seed = std::strtoul(argv[3], nullptr, 10);
    return options;
}

hsm4::bench::FaultPlan random_faults(std::mt19937_64& random, unsigned rate, Outcomes& outcomes) {
    const auto draw = [&random](std::uint32_t limit) {
        return limit == 0 ? 0 : static_cast<std::uint32_t>(random() % limit);
    };
    return [draw, rate, &outcomes](const Transfer& transfer) -> std::optional<Fault> {
        if (draw(whole) >= rate) return std::nullopt;
        const Fault fault = hsm4::bench::any_fault(transfer, draw);
        ++outcomes.faults[name_of(fault.kind)];
        return fault;
    };
}

void count(Outcomes& outcomes, Bench& bench) {
    const auto start = bench.clock().now();
    auto key = bench.unlock();
    const auto took = bench.clock().now() - start;
    outcomes.longest = std::max(outcomes.longest, took);
    if (took > Bench::budget + tolerance) ++outcomes.late;
    if (!key)
        ++outcomes.refusals[describe(key.error())];
    else if (bench.is_the_key(*key))
        ++outcomes.right;
    else
        ++outcomes.wrong;
    // What one run leaves behind is the next one's problem, but not its silence.
    bench.clock().sleep(std::chrono::milliseconds{50});
}

void report(const Outcomes& outcomes, const Options& options, const Bench& /*bench*/) {
    std::printf("# %lu unlocks, %u faults per %u transfers, seed %lu\n", options.unlocks,
                options.rate, whole, options.seed);
    std::printf("# right key %lu, wrong key %lu, late %lu, longest %.3f s\n", outcomes.right,
                outcomes.wrong, outcomes.late,
                std::chrono::duration<double>(outcomes.longest).count());
    for (const auto& [text, times] : outcomes.refusals)
        std::printf("# refused %lu times: %s\n", times, text.c_str());
    for (const auto& [name, times] : outcomes.faults)
        std::printf("# fault %s: %lu\n", name.c_str(), times);
}

bool verdict(unsigned number, bool good, const char* what) {
    std::printf("%s %u - %s\n", good ? "ok" : "not ok", number, what);
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = options_of(argc, argv);
    auto made = Bench::make(hsm4::open::i2c_adapters.front().no_acknowledge);
    if (!made) {
        std::printf("Bail out! %s\n", describe(made.error()).c_str());
        return 1;
    }
    Bench& bench = **made;
    std::mt19937_64 random{options.seed};
    Outcomes outcomes;
    bench.target().plan(random_faults(random, options.rate, outcomes));
    for (unsigned long at = 0; at < options.unlocks; ++at) count(outcomes, bench);
    bench.target().plan({});
    Outcomes afterwards;
    count(afterwards, bench);

    report(outcomes, options, bench);
    std::printf("# transfers %llu, faults %llu\n",
                static_cast<unsigned long long>(bench.target().traffic().transfers),
                static_cast<unsigned long long>(bench.target().traffic().faults));
    const auto& state = bench.module().state();
    bool good = true;
    good &= verdict(1, outcomes.wrong == 0, "no wrong key");
    good &= verdict(2, outcomes.late == 0, "every unlock ends within its deadline");
    good &= verdict(
        3,
        static_cast<double>(outcomes.right) >= least_success * static_cast<double>(options.unlocks),
        "at least 99.9 % end in the right key");
    good &= verdict(4, state.lockouts == 0 && state.wrong_proofs == 0 && afterwards.right == 1,
                    "the module counted no wrong proof, and serves as before");
    std::printf("1..4\n");
    return good ? 0 : 1;
}
