// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// T=1' blocks: encoding and decoding of one block. Compatible with GlobalPlatform GPC_SPE_172 v1.0.
// State machines (numbers, chains, repetition) are each end's own.
#pragma once

#include <cstdint>

#include "hsm4/bytes.hpp"

namespace hsm4::wire::t1 {

inline constexpr std::size_t head_size = 4;                    ///< NAD, PCB, LEN16
inline constexpr std::size_t crc_size = 2;                     ///< CRC-16/X-25, big-endian
inline constexpr std::size_t overhead = head_size + crc_size;  ///< also: what a host reads first
inline constexpr std::size_t longest_inf = 0x0ff9;             ///< 4089, by the specification
inline constexpr std::uint16_t default_ifs = 254;              ///< INF bytes, either direction
inline constexpr std::size_t longest_message = 1024;           ///< of a whole chain

inline constexpr std::uint8_t nad_host = 0x21;    ///< host to module
inline constexpr std::uint8_t nad_module = 0x12;  ///< module to host

enum class Service : std::uint8_t {
    resynch = 0,
    ifs = 1,
    abort = 2,
    wtx = 3,
    cip = 4,
    release = 6,
    swr = 0x0f,
};
enum class Ack : std::uint8_t {
    ok = 0,
    crc_error = 1,
    other_error = 2
};

std::uint8_t information_pcb(bool number, bool more) noexcept;  ///< I-block: N(S), M
std::uint8_t receive_pcb(bool number, Ack ack) noexcept;        ///< R-block: N(R), error
std::uint8_t request_pcb(Service service) noexcept;             ///< S-block
std::uint8_t response_pcb(Service service) noexcept;            ///< S-block

/// What a PCB says, for switching on.
struct Pcb {
    enum class Kind {
        information,
        receive,
        request,
        response
    } kind = Kind::information;
    bool number = false;                 ///< N(S) of an I-block, N(R) of an R-block
    bool more = false;                   ///< I-block: the chain goes on
    Ack ack = Ack::ok;                   ///< R-block
    Service service = Service::resynch;  ///< S-block
};
/// `malformed` for bits that the specification reserves.
Result<Pcb> parse_pcb(std::uint8_t pcb);

struct Block {
    std::uint8_t nad = 0;
    std::uint8_t pcb = 0;
    Bytes inf;
};

/// CRC-16/X-25: polynomial 0x8408 reflected, initial value and final xor 0xffff.
std::uint16_t crc16(View bytes) noexcept;

/// frame.size() == block.inf.size() + overhead; `malformed` when INF is longer than longest_inf.
Result<Bytes> encode(const Block& block);

/// Total length of the frame that starts with `head` (head_size bytes or more); `malformed` when
/// its LEN is over longest_inf.
Result<std::size_t> frame_size(View head);

/// Exactly one whole frame. `unauthentic` when the CRC is wrong (line noise, not security),
/// `malformed` when the length does not fit.
Result<Block> decode(View frame);

}  // namespace hsm4::wire::t1
