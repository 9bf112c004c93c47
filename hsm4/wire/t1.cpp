// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// T=1' blocks.
#include "hsm4/wire/t1.hpp"

#include "hsm4/wire/fields.hpp"

namespace hsm4::wire::t1 {

namespace {

constexpr std::uint8_t receive_block = 0x80;
constexpr std::uint8_t supervisory_block = 0xc0;
constexpr std::uint8_t kind_mask = 0xc0;
constexpr std::uint8_t sent_number = 0x40;
constexpr std::uint8_t more_bit = 0x20;
constexpr std::uint8_t received_number = 0x10;
constexpr std::uint8_t response_bit = 0x20;
constexpr std::uint8_t service_mask = 0x1f;
constexpr std::uint8_t ack_mask = 0x03;

Error malformed() { return Error{Errc::malformed, "T=1' block"}; }

bool is_known(std::uint8_t service) noexcept {
    switch (Service{service}) {
        case Service::resynch:
        case Service::ifs:
        case Service::abort:
        case Service::wtx:
        case Service::cip:
        case Service::release:
        case Service::swr: return true;
    }
    return false;
}

}  // namespace

std::uint8_t information_pcb(bool number, bool more) noexcept {
    return static_cast<std::uint8_t>((number ? sent_number : 0) | (more ? more_bit : 0));
}

std::uint8_t receive_pcb(bool number, Ack ack) noexcept {
    return static_cast<std::uint8_t>(receive_block | (number ? received_number : 0) |
                                     static_cast<std::uint8_t>(ack));
}

std::uint8_t request_pcb(Service service) noexcept {
    return static_cast<std::uint8_t>(supervisory_block | static_cast<std::uint8_t>(service));
}

std::uint8_t response_pcb(Service service) noexcept {
    return static_cast<std::uint8_t>(request_pcb(service) | response_bit);
}

Result<Pcb> parse_pcb(std::uint8_t pcb) {
    Pcb parsed;
    if ((pcb & receive_block) == 0) {
        parsed.kind = Pcb::Kind::information;
        parsed.number = (pcb & sent_number) != 0;
        parsed.more = (pcb & more_bit) != 0;
        if (pcb != information_pcb(parsed.number, parsed.more)) return malformed();
        return parsed;
    }
    if ((pcb & kind_mask) == supervisory_block) {
        const std::uint8_t service = pcb & service_mask;
        if (!is_known(service)) return malformed();
        parsed.kind = (pcb & response_bit) != 0 ? Pcb::Kind::response : Pcb::Kind::request;
        parsed.service = Service{service};
        return parsed;
    }
    const std::uint8_t ack = pcb & ack_mask;
    if (ack > static_cast<std::uint8_t>(Ack::other_error)) return malformed();
    parsed.kind = Pcb::Kind::receive;
    parsed.number = (pcb & received_number) != 0;
    parsed.ack = Ack{ack};
    if (pcb != receive_pcb(parsed.number, parsed.ack)) return malformed();
    return parsed;
}

std::uint16_t crc16(View bytes) noexcept {
    constexpr unsigned polynomial = 0x8408;
    unsigned crc = 0xffff;
    for (const std::byte byte : bytes) {
        crc ^= std::to_integer<unsigned>(byte);
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
    }
    return static_cast<std::uint16_t>(crc ^ 0xffffU);
}

Result<Bytes> encode(const Block& block) {
    if (block.inf.size() > longest_inf) return malformed();
    Writer out{block.inf.size() + overhead};
    out.put(block.nad).put(block.pcb).put(static_cast<std::uint16_t>(block.inf.size()));
    out.put(View{block.inf});
    out.put(crc16(out.view()));
    const View frame = out.view();
    return Bytes{frame.begin(), frame.end()};
}

Result<std::size_t> frame_size(View head) {
    Reader in{head};
    in.take(2);  // NAD, PCB
    const auto length = in.get<std::uint16_t>();
    if (in.short_read() || length > longest_inf) return malformed();
    return length + overhead;
}

Result<Block> decode(View frame) {
    auto size = frame_size(frame);
    if (!size || *size != frame.size()) return malformed();
    Reader in{frame};
    Block block;
    block.nad = in.get<std::uint8_t>();
    block.pcb = in.get<std::uint8_t>();
    const auto length = in.get<std::uint16_t>();
    const View inf = in.take(length);
    const auto crc = in.get<std::uint16_t>();
    if (!in.done()) return malformed();
    if (crc != crc16(frame.first(frame.size() - crc_size)))
        return Error{Errc::unauthentic, "CRC of a T=1' block"};
    block.inf.assign(inf.begin(), inf.end());
    return block;
}

}  // namespace hsm4::wire::t1
