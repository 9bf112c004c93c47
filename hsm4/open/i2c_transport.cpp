// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Polling, waiting and looking twice before the first write.
#include "hsm4/open/i2c_transport.hpp"

#include <algorithm>

#include "hsm4/wire/t1.hpp"

namespace hsm4::open {

namespace t1 = wire::t1;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_frame = t1::default_ifs + t1::overhead;
constexpr auto idle_bus = std::byte{0xff};  ///< what a module gives that has nothing to say

constexpr std::chrono::microseconds first_pause = 200us;
constexpr std::chrono::microseconds longest_pause = 5ms;
/// A module that serves somebody else (another way in) is free after a second of his silence.
constexpr std::chrono::microseconds first_write_patience = 1200ms;
constexpr std::chrono::microseconds write_patience = 300ms;

/// Pauses that double: quick at first, and never a burden to others on the bus.
class Pauses {
public:
    Pauses(Clock& clock, const Deadline& deadline) : clock_{&clock}, deadline_{&deadline} {}
    void pause() {
        clock_->sleep(std::min(next_, deadline_->left()));
        next_ = std::min(2 * next_, longest_pause);
    }

private:
    Clock* clock_;
    const Deadline* deadline_;
    std::chrono::microseconds next_ = first_pause;
};

}  // namespace

Status I2cTransport::acquire(const Deadline& deadline) {
    wrote_ = false;
    Status held = bus_->open();
    if (held) held = lock(deadline);
    if (held && !recognised()) held = look();
    if (!held) release();
    return held;
}

Status I2cTransport::lock(const Deadline& deadline) {
    Pauses pauses{*clock_, deadline};
    for (;;) {
        auto locked = bus_->try_lock();
        if (!locked) return locked.error();
        if (*locked) return ok();
        if (deadline.expired()) return Error{Errc::timeout, "another process keeps the I2C bus"};
        pauses.pause();
    }
}

/// Whether a module may be here. A memory chip takes any write for data, so nothing is written
/// before this. A module that is busy does not acknowledge; one that is idle gives ones, perhaps
/// after the rest of an answer that nobody fetched.
Status I2cTransport::look() {
    const int byte = bus_->probe();
    if (byte < 0) {
        const I2cOutcome outcome = outcome_of(byte);
        const bool hopeless = outcome == I2cOutcome::gone || outcome == I2cOutcome::fatal;
        return hopeless ? i2c_error(outcome, byte) : ok();
    }
    if (byte == std::to_integer<int>(idle_bus)) return ok();
    Array<longest_frame + t1::overhead> rest{};
    const int answer = bus_->read(rest);
    if (outcome_of(answer) != I2cOutcome::done) return ok();  // the link will see
    const View tail = View{rest}.last(t1::overhead);
    if (std::ranges::all_of(tail, [](std::byte value) { return value == idle_bus; })) return ok();
    return Error{Errc::malformed, "the device at this I2C address does not speak the protocol"};
}

/// Repeats a transfer while the module is busy or the bus is another master's.
template <class Transfer>
Status I2cTransport::until_acknowledged(const Transfer& transfer, const Deadline& deadline) {
    Pauses pauses{*clock_, deadline};
    for (;;) {
        const int answer = transfer();
        const I2cOutcome outcome = outcome_of(answer);
        if (outcome == I2cOutcome::done) return ok();
        const bool passes = outcome == I2cOutcome::busy || outcome == I2cOutcome::lost;
        if (!passes || deadline.expired()) return i2c_error(outcome, answer);
        pauses.pause();
    }
}

Status I2cTransport::write(View frame, const Deadline& deadline) {
    const bool first = !std::exchange(wrote_, true);
    const auto patience = deadline.at_most(first ? first_write_patience : write_patience);
    Status done = until_acknowledged([&] { return bus_->write(frame); }, patience);
    if (!done && first && !recognised() && done.error().code == Errc::timeout)
        return Error{Errc::no_device, "the module's address on the I2C bus"};
    return done;
}

Status I2cTransport::fill(std::span<std::byte> out, const Deadline& deadline) {
    return until_acknowledged([&] { return bus_->read(out); }, deadline);
}

Result<Bytes> I2cTransport::read(const Deadline& deadline) {
    Bytes frame(t1::overhead);
    if (Status done = fill(frame, deadline); !done) return done.error();
    auto size = t1::frame_size(frame);
    if (!size) return size.error();
    if (*size > longest_frame) return Error{Errc::malformed, "length of a block"};
    if (*size > t1::overhead) {
        frame.resize(*size);
        Status done = fill(std::span{frame}.subspan(t1::overhead), deadline);
        if (!done) return done.error();
    }
    return frame;
}

}  // namespace hsm4::open
