// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: whatever a bus says to a host, HELLO ends in bounded time, and believes in no module whose
// id is not that of its keys.
#include "hsm4/open/exchange.hpp"
#include "hsm4/open/hello.hpp"
#include "tests/fuzz/law.hpp"
#include "tests/unit/test_clock.hpp"

namespace open = hsm4::open;
using namespace std::chrono_literals;

namespace {

/// Answers each read with the next piece of the input, then with silence.
class FuzzedTransport final : public open::Transport {
public:
    FuzzedTransport(hsm4::View input, TestClock& clock) : rest_{input}, clock_{&clock} {}

    hsm4::Status acquire(const hsm4::Deadline& /*deadline*/) override { return hsm4::ok(); }
    void release() noexcept override {}
    hsm4::Status write(hsm4::View /*frame*/, const hsm4::Deadline& /*deadline*/) override {
        clock_->pass(1ms);
        return hsm4::ok();
    }
    hsm4::Result<hsm4::Bytes> read(const hsm4::Deadline& deadline) override {
        clock_->pass(1ms);
        if (rest_.empty()) {
            clock_->pass(deadline.left());
            return hsm4::Error{hsm4::Errc::timeout, "silence"};
        }
        const hsm4::View piece = fuzz::next_piece(rest_);
        return hsm4::Bytes{piece.begin(), piece.end()};
    }
    void reset() noexcept override {}
    bool is_shared_bus() const noexcept override { return true; }

private:
    hsm4::View rest_;
    TestClock* clock_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    TestClock clock;
    FuzzedTransport transport{fuzz::input(data, size), clock};
    const hsm4::Deadline deadline{clock, 10s};
    const auto start = clock.now();
    auto said = open::run_exchange(transport, clock, deadline, [](open::Exchange& exchange) {
        return open::hello(exchange.link(), exchange.deadline());
    });
    fuzz::must(clock.now() - start <= 12s, "an end in time");
    fuzz::must(!said || open::check_module_id(said->keys), "no module under a false name");
    return 0;
}
