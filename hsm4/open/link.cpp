// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The host's end of the T=1' link.
//
// Sending our last block again is always safe: an I-block whose number the module has seen is a
// repetition, and only makes it send its own last block again.
#include "hsm4/open/link.hpp"

#include <algorithm>

#include "hsm4/wire/fields.hpp"

namespace hsm4::open {

namespace t1 = wire::t1;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::microseconds block_wait = 300ms;  ///< BWT
/// On a stream the module serves the clients before us first, which shows in its first answer only.
constexpr std::chrono::microseconds queue_wait = 3s;
constexpr int most_faults = 2;     ///< in a row, each answered by a repetition
constexpr int most_requests = 16;  ///< S-blocks of the module before it answers
constexpr int most_strays = 16;    ///< blocks ignored before it answers
constexpr int resynch_tries = 3;

/// The I2C bus carries a whole block in one transfer, so a module that accepts more gets no more.
std::size_t chunk_size(const wire::LinkParameters& parameters) noexcept {
    return std::min(parameters.ifsc, t1::default_ifs);
}

/// What the link can mend by asking again.
bool is_damage(Errc code) noexcept {
    return code == Errc::timeout || code == Errc::malformed || code == Errc::unauthentic;
}

bool is_response(const t1::Block& block, t1::Service service) noexcept {
    return block.pcb == t1::response_pcb(service) && block.inf.empty();
}

}  // namespace

/// One block of ours, and what came of it so far.
struct Link::Turn {
    std::uint8_t pcb;
    View inf;
    Microseconds wait;
    int faults = 0;
    int requests = 0;
    int strays = 0;
    bool asked = false;  ///< our last block was an R-block that asks for a repetition
};

Status Link::start(const Deadline& deadline) {
    send_number_ = expected_ = answered_ = false;
    parameters_ = {};
    transport_->reset();
    if (!transport_->is_shared_bus()) return ok();
    Error last{Errc::timeout, "starting the link"};
    for (int attempt = 0; attempt < resynch_tries && !deadline.expired(); ++attempt) {
        Status sent = write_block(t1::request_pcb(t1::Service::resynch), {}, deadline);
        if (!sent) return sent.error();
        auto block = next_block(block_wait, deadline);
        if (block && is_response(*block, t1::Service::resynch)) {
            transport_->recognise();
            return ok();
        }
        if (!block && !is_damage(block.error().code)) return block.error();
        if (block || block.error().code != Errc::timeout) last = not_a_resynch();
        transport_->reset();
    }
    return last;
}

/// Something came, but no answer to S(RESYNCH): from what never was a module, or through noise.
Error Link::not_a_resynch() const noexcept {
    if (transport_->recognised()) return {Errc::bus, "damaged blocks"};
    return {Errc::malformed, "the device at this I2C address does not speak the protocol"};
}

Result<Bytes> Link::exchange(View message, const Deadline& deadline) {
    if (message.empty() || message.size() > t1::longest_message)
        return Error{Errc::usage, "length of a message"};
    auto answer = send_chain(message, deadline);
    if (!answer) return answer.error();
    return receive_chain(std::move(*answer), deadline);
}

/// Gives the first block of the answer.
Result<t1::Block> Link::send_chain(View message, const Deadline& deadline) {
    for (;;) {
        const View part = message.first(std::min(chunk_size(parameters_), message.size()));
        message = message.subspan(part.size());
        const bool more = !message.empty();
        auto block = converse(t1::information_pcb(send_number_, more), part,
                              more ? Awaited::acknowledgement : Awaited::answer, deadline);
        if (!block) return block.error();
        send_number_ = !send_number_;
        if (!more) return block;
    }
}

Result<Bytes> Link::receive_chain(t1::Block block, const Deadline& deadline) {
    Bytes message;
    for (;;) {
        expected_ = !expected_;
        const bool more = block.pcb == t1::information_pcb(!expected_, true);
        // A chain that never ends: too long, or of empty blocks.
        if (message.size() + block.inf.size() > t1::longest_message || (more && block.inf.empty()))
            return abort_chain(deadline);
        append(message, block.inf);
        if (!more) return message;
        auto next =
            converse(t1::receive_pcb(expected_, t1::Ack::ok), {}, Awaited::answer, deadline);
        if (!next) return next.error();
        block = std::move(*next);
    }
}

/// Sends one block and waits for the one that it awaits, mending what can be mended.
Result<t1::Block> Link::converse(std::uint8_t pcb, View inf, Awaited awaited,
                                 const Deadline& deadline) {
    Turn turn{pcb, inf, first_wait(deadline)};
    Status going = write_block(pcb, inf, deadline);
    while (going) {
        if (deadline.expired()) return Error{Errc::timeout, "the module's answer"};
        auto block = next_block(turn.wait, deadline);
        if (!block) {
            if (!is_damage(block.error().code)) return block.error();
            going = ask_again(block.error().code, turn, deadline);
            continue;
        }
        answered_ = true;
        const Verdict verdict = judge(*block, awaited, turn.asked);
        if (verdict == Verdict::accept) return block;
        going = follow(verdict, *block, turn, deadline);
    }
    return going.error();
}

Link::Verdict Link::judge(const t1::Block& block, Awaited awaited, bool asked) const noexcept {
    const auto pcb = t1::parse_pcb(block.pcb);
    if (!pcb) return Verdict::ask;
    switch (pcb->kind) {
        case t1::Pcb::Kind::information:
            if (pcb->number != expected_) return asked ? Verdict::repeat : Verdict::ignore;
            return awaited == Awaited::answer ? Verdict::accept : Verdict::ask;
        case t1::Pcb::Kind::receive:
            if (awaited == Awaited::acknowledgement && pcb->ack == t1::Ack::ok &&
                pcb->number != send_number_ && block.inf.empty())
                return Verdict::accept;
            return Verdict::repeat;
        case t1::Pcb::Kind::request: return Verdict::request;
        case t1::Pcb::Kind::response: return Verdict::ignore;
    }
    return Verdict::ask;
}

Status Link::follow(Verdict verdict, const t1::Block& block, Turn& turn, const Deadline& deadline) {
    turn.wait = block_wait;
    switch (verdict) {
        case Verdict::accept: return ok();
        case Verdict::ignore:
            if (++turn.strays > most_strays) return Error{Errc::bus, "repeated blocks"};
            return ok();
        case Verdict::repeat: return repeat(turn, deadline);
        case Verdict::ask: return ask_again(Errc::malformed, turn, deadline);
        case Verdict::request: return serve(block, turn, deadline);
    }
    return ok();
}

/// Nothing came, or nothing readable: R-block.
Status Link::ask_again(Errc cause, Turn& turn, const Deadline& deadline) {
    transport_->reset();
    if (++turn.faults > most_faults) {
        if (cause == Errc::timeout) return Error{cause, "the module's answer"};
        return Error{Errc::bus, "damaged blocks"};
    }
    turn.asked = true;
    turn.wait = block_wait;
    const auto ack = cause == Errc::unauthentic ? t1::Ack::crc_error : t1::Ack::other_error;
    return write_block(t1::receive_pcb(expected_, ack), {}, deadline);
}

Status Link::repeat(Turn& turn, const Deadline& deadline) {
    if (++turn.faults > most_faults) return Error{Errc::bus, "the module lacks our block"};
    turn.asked = false;
    return write_block(turn.pcb, turn.inf, deadline);
}

/// A request of the module. All of them together are bounded, by their number and by the deadline.
Status Link::serve(const t1::Block& block, Turn& turn, const Deadline& deadline) {
    if (++turn.requests > most_requests)
        return Error{Errc::timeout, "the module keeps asking for time"};
    wire::Reader inf{block.inf};
    if (block.pcb == t1::request_pcb(t1::Service::wtx)) {
        const auto factor = inf.get<std::uint8_t>();
        if (!inf.done() || factor == 0) return ask_again(Errc::malformed, turn, deadline);
        turn.wait = factor * block_wait;
        return write_block(t1::response_pcb(t1::Service::wtx), block.inf, deadline);
    }
    if (block.pcb == t1::request_pcb(t1::Service::ifs)) {
        const auto size = inf.get<std::uint16_t>();
        if (!inf.done() || size < 16 || size > t1::longest_inf)
            return ask_again(Errc::malformed, turn, deadline);
        parameters_.ifsc = size;
        return write_block(t1::response_pcb(t1::Service::ifs), block.inf, deadline);
    }
    if (block.pcb == t1::request_pcb(t1::Service::abort)) {
        Status sent = write_block(t1::response_pcb(t1::Service::abort), {}, deadline);
        return sent ? Error{Errc::bus, "the module broke the exchange off"} : sent.error();
    }
    return ask_again(Errc::malformed, turn, deadline);
}

/// Breaks off a chain of the module's that is too long.
Error Link::abort_chain(const Deadline& deadline) {
    const Status sent = write_block(t1::request_pcb(t1::Service::abort), {}, deadline);
    if (sent) (void)next_block(block_wait, deadline);  // its S(ABORT response), of no consequence
    return Error{Errc::malformed, "length of the module's answer"};
}

Result<t1::Block> Link::next_block(Microseconds wait, const Deadline& deadline) {
    auto frame = transport_->read(deadline.at_most(wait));
    if (!frame) return frame.error();
    auto block = t1::decode(*frame);
    if (!block) return block.error();
    if (block->nad != t1::nad_module || block->inf.size() > t1::default_ifs)
        return Error{Errc::malformed, "block from the module"};
    return block;
}

Status Link::write_block(std::uint8_t pcb, View inf, const Deadline& deadline) {
    auto frame = t1::encode({t1::nad_host, pcb, Bytes{inf.begin(), inf.end()}});
    if (!frame) return frame.error();
    return transport_->write(*frame, deadline);
}

Link::Microseconds Link::first_wait(const Deadline& deadline) const {
    if (answered_ || transport_->is_shared_bus()) return block_wait;
    return std::max<Microseconds>(block_wait,
                                  std::min<Microseconds>(queue_wait, deadline.left() / 2));
}

}  // namespace hsm4::open
