// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The module's link state machine.
#include "hsm4/device/link.hpp"

#include <algorithm>

#include "hsm4/wire/fields.hpp"

namespace hsm4::device {

namespace t1 = wire::t1;
using t1::Ack;
using t1::Pcb;
using t1::Service;

namespace {

constexpr std::uint16_t shortest_ifs = 16;

/// Frames that we make ourselves always fit.
Bytes frame_of(std::uint8_t pcb, View inf = {}) {
    auto frame = t1::encode({t1::nad_module, pcb, Bytes{inf.begin(), inf.end()}});
    return frame ? std::move(*frame) : Bytes{};
}

/// Our communication interface parameters: the defaults, for a host that asks.
Bytes cip_bytes() {
    wire::Writer out{32};
    out.put(std::uint8_t{1}).put(std::uint8_t{3}).put(view_of("HS4"));  // version, issuer
    out.put(std::uint8_t{2}).put(std::uint8_t{8});                      // I2C, length
    out.put(std::uint8_t{0}).put(std::uint8_t{25});                     // configuration, PWT (ms)
    out.put(std::uint16_t{400}).put(std::uint8_t{0});                   // kHz, PST
    out.put(std::uint8_t{10}).put(std::uint16_t{10});                   // MPOT, RWGT (us)
    out.put(std::uint8_t{4}).put(std::uint16_t{300}).put(t1::default_ifs);  // BWT (ms), IFSC
    out.put(std::uint8_t{0});                                               // no historical bytes
    const View bytes = out.view();
    return {bytes.begin(), bytes.end()};
}

}  // namespace

Link::Step Link::receive(View frame) {
    auto block = t1::decode(frame);
    if (!block) {
        const bool noise = block.error().code == Errc::unauthentic;
        return {complain(noise ? Ack::crc_error : Ack::other_error), std::nullopt, false, true};
    }
    auto pcb = t1::parse_pcb(block->pcb);
    if (!pcb || block->nad != t1::nad_host || block->inf.size() > parameters_.ifsc)
        return {complain(Ack::other_error), std::nullopt, false, false};
    switch (pcb->kind) {
        case Pcb::Kind::information: return on_information(*pcb, block->inf);
        case Pcb::Kind::receive: return on_receive(*pcb);
        case Pcb::Kind::request: return on_request(pcb->service, block->inf);
        case Pcb::Kind::response: return {};  // to our S(ABORT): the host may go on
    }
    return {};
}

Bytes Link::send(View message) {
    outgoing_.assign(message.begin(), message.end());
    return next_block();
}

void Link::reset() { *this = Link{}; }

Link::Step Link::on_information(const Pcb& pcb, View inf) {
    if (pcb.number != expected_) return repeat();
    expected_ = !expected_;
    outgoing_.clear();
    append(incoming_, inf);
    if (incoming_.size() > t1::longest_message) {
        incoming_.clear();
        return answer(frame_of(t1::request_pcb(Service::abort)));
    }
    if (pcb.more) return answer(frame_of(t1::receive_pcb(expected_, Ack::ok)));
    Step step;
    step.message = std::exchange(incoming_, {});
    return step;
}

Link::Step Link::on_receive(const Pcb& pcb) {
    const bool acknowledged = pcb.ack == Ack::ok && last_number_ && pcb.number != *last_number_;
    if (acknowledged && !outgoing_.empty()) return {next_block(), std::nullopt, false, false};
    return repeat();
}

Link::Step Link::on_request(Service service, View inf) {
    switch (service) {
        case Service::resynch:
        case Service::swr:
        case Service::release:
            reset();
            return {frame_of(t1::response_pcb(service)), std::nullopt, true, false};
        case Service::abort:
            incoming_.clear();
            outgoing_.clear();
            return answer(frame_of(t1::response_pcb(service)));
        case Service::ifs: return set_ifs(inf);
        case Service::cip:
            parameters_.cip = cip_bytes();
            return answer(frame_of(t1::response_pcb(service), parameters_.cip));
        case Service::wtx: break;  // a module's request, never a host's
    }
    return {complain(Ack::other_error), std::nullopt, false, false};
}

Link::Step Link::set_ifs(View inf) {
    wire::Reader in{inf};
    const auto size = in.get<std::uint16_t>();
    if (!in.done() || size < shortest_ifs || size > t1::longest_inf)
        return {complain(Ack::other_error), std::nullopt, false, false};
    parameters_.ifsd = size;
    return answer(frame_of(t1::response_pcb(Service::ifs), inf));
}

Bytes Link::next_block() {
    const std::size_t size = std::min<std::size_t>(outgoing_.size(), parameters_.ifsd);
    const bool more = outgoing_.size() > size;
    Bytes frame = frame_of(t1::information_pcb(send_number_, more), View{outgoing_}.first(size));
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(size));
    last_number_ = send_number_;
    send_number_ = !send_number_;
    last_frame_ = frame;
    return frame;
}

Bytes Link::complain(Ack ack) const { return frame_of(t1::receive_pcb(expected_, ack)); }

Link::Step Link::answer(Bytes frame) {
    last_number_.reset();
    last_frame_ = frame;
    return {std::move(frame), std::nullopt, false, false};
}

Link::Step Link::repeat() {
    if (last_frame_) return {last_frame_, std::nullopt, false, false};
    return {complain(Ack::other_error), std::nullopt, false, false};
}

}  // namespace hsm4::device
