// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The target and its faults.
#include "tests/i2c/target.hpp"

#include <cerrno>

#include "hsm4/wire/t1.hpp"

namespace hsm4::bench {

namespace t1 = wire::t1;

namespace {

constexpr auto idle_bus = std::byte{0xff};
constexpr int done = 1;

Bytes request_for_time() {
    return *t1::encode({t1::nad_module, t1::request_pcb(t1::Service::wtx), {std::byte{1}}});
}

bool grants_time(View frame) {
    const auto block = t1::decode(frame);
    return block && block->pcb == t1::response_pcb(t1::Service::wtx);
}

void turn_over(std::span<std::byte> bytes, std::uint32_t bit) {
    if (!bytes.empty()) bytes[bit / 8 % bytes.size()] ^= std::byte{1} << bit % 8;
}

View first(View bytes, std::size_t size) { return bytes.first(std::min(size, bytes.size())); }

}  // namespace

void Target::plan(FaultPlan faults) {
    faults_ = std::move(faults);
    number_ = 0;
}

/// Fetches what the module has to say by now.
void Target::collect() {
    if (!computing_) return;
    auto answer = module_->answer();
    if (!answer) return;
    computing_ = false;
    answer_ = std::move(*answer);
    if (storm_ == 0 || answer_.empty()) return;
    withheld_ = std::exchange(answer_, request_for_time());
}

bool Target::is_busy() {
    collect();
    const bool busy = computing_ || clock_->now() < silent_until_;
    if (busy) ++traffic_.polls;
    return busy;
}

std::optional<Fault> Target::next(bool is_read, std::size_t size) {
    const Transfer transfer{number_++, is_read, size};
    auto fault = faults_ ? faults_(transfer) : std::nullopt;
    if (fault) ++traffic_.faults;
    return fault;
}

void Target::deliver(View bytes) {
    answer_.clear();
    if (withheld_ && grants_time(bytes)) {
        if (--storm_ > 0)
            answer_ = request_for_time();
        else
            answer_ = *std::exchange(withheld_, std::nullopt);
        return;
    }
    withheld_.reset();
    storm_ = 0;
    module_->receive(bytes);
    computing_ = true;
}

Bytes Target::take(std::size_t size) {
    const auto taken = static_cast<std::ptrdiff_t>(std::min(size, answer_.size()));
    Bytes bytes(answer_.begin(), answer_.begin() + taken);
    answer_.erase(answer_.begin(), answer_.begin() + taken);
    bytes.resize(size, idle_bus);
    return bytes;
}

/// Faults that are the same for writes and reads, and leave nothing of the transfer.
std::optional<int> Target::act(const Fault& fault) {
    switch (fault.kind) {
        case Fault::Kind::short_count: return 0;
        case Fault::Kind::again: return -EAGAIN;
        case Fault::Kind::silence:
            silent_until_ = clock_->now() + std::chrono::milliseconds{fault.n};
            return no_acknowledge_;
        case Fault::Kind::reset:
            module_->power_cycle();
            computing_ = false;
            storm_ = 0;
            withheld_.reset();
            answer_.clear();
            return no_acknowledge_;
        default: return std::nullopt;
    }
}

int Target::write(View bytes) {
    if (is_busy()) return no_acknowledge_;
    const auto fault = next(false, bytes.size());
    if (fault) return faulty_write(*fault, bytes);
    ++traffic_.transfers;
    traffic_.bytes_written += bytes.size();
    deliver(bytes);
    return done;
}

int Target::faulty_write(const Fault& fault, View bytes) {
    if (const auto answer = act(fault)) return *answer;
    Bytes changed{bytes.begin(), bytes.end()};
    switch (fault.kind) {
        case Fault::Kind::nack:
            // The module takes the bytes before for a block: the STOP ends it.
            if (fault.n > 1) deliver(first(bytes, fault.n - 1));
            return no_acknowledge_;
        case Fault::Kind::corrupt: turn_over(changed, fault.n); break;
        case Fault::Kind::truncate:
            changed.resize(std::min<std::size_t>(fault.n, bytes.size()));
            break;
        case Fault::Kind::swallow: return done;
        case Fault::Kind::duplicate:
            module_->receive(bytes);
            while (!module_->answer()) clock_->sleep(std::chrono::milliseconds{1});
            break;
        case Fault::Kind::timed_out:
        case Fault::Kind::io:
            if (fault.n % 2 != 0) deliver(bytes);
            return fault.kind == Fault::Kind::io ? -EIO : -ETIMEDOUT;
        default: break;
    }
    if (!changed.empty()) deliver(changed);
    if (fault.kind == Fault::Kind::wtx) storm_ = fault.n;
    return done;
}

int Target::read(std::span<std::byte> bytes) {
    if (is_busy()) return no_acknowledge_;
    const auto fault = next(true, bytes.size());
    if (fault) return faulty_read(*fault, bytes);
    ++traffic_.transfers;
    traffic_.bytes_read += bytes.size();
    std::ranges::copy(take(bytes.size()), bytes.begin());
    return done;
}

int Target::faulty_read(const Fault& fault, std::span<std::byte> bytes) {
    if (const auto answer = act(fault)) return *answer;
    if (fault.kind == Fault::Kind::nack) return no_acknowledge_;
    const Bytes before = answer_;
    const Bytes given = take(bytes.size());
    std::ranges::copy(given, bytes.begin());
    switch (fault.kind) {
        case Fault::Kind::corrupt: turn_over(bytes, fault.n); break;
        case Fault::Kind::truncate:
            std::ranges::fill(bytes.subspan(std::min<std::size_t>(fault.n, bytes.size())),
                              idle_bus);
            break;
        case Fault::Kind::swallow: std::ranges::fill(bytes, idle_bus); break;
        case Fault::Kind::duplicate: answer_ = before; break;
        case Fault::Kind::timed_out:
        case Fault::Kind::io:
            if (fault.n % 2 == 0) answer_ = before;
            return fault.kind == Fault::Kind::io ? -EIO : -ETIMEDOUT;
        case Fault::Kind::wtx:
            if (before.empty() || fault.n == 0) break;
            storm_ = fault.n;
            withheld_ = before;
            answer_ = request_for_time();
            std::ranges::copy(take(bytes.size()), bytes.begin());
            break;
        default: break;
    }
    return done;
}

}  // namespace hsm4::bench
