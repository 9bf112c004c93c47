// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// t1-vectors FILE.json...: T=1' blocks, each a name, nad, pcb, inf and frame. With "fail": true the
// frame must be refused.
#include "hsm4/wire/t1.hpp"
#include "tests/vectors/vector_file.hpp"

namespace t1 = hsm4::wire::t1;

namespace {

/// CRC-16 finds any single wrong bit; one bit of each byte keeps long frames quick.
bool damage_is_refused(hsm4::Bytes frame) {
    for (std::size_t at = 0; at < frame.size(); ++at) {
        const std::byte bit = std::byte{1} << (at % 8);
        frame[at] ^= bit;
        if (t1::decode(frame)) return false;
        frame[at] ^= bit;
    }
    return true;
}

vectors::Verdict check_good(const t1::Block& block, const hsm4::Bytes& frame) {
    auto encoded = t1::encode(block);
    if (!encoded) return vectors::failed("does not encode");
    if (*encoded != frame) return vectors::failed("encodes to " + hsm4::to_hex(*encoded));
    auto size = t1::frame_size(hsm4::View{frame}.first(t1::head_size));
    if (!size || *size != frame.size()) return vectors::failed("head gives another frame size");
    auto decoded = t1::decode(frame);
    if (!decoded) return vectors::failed(std::string{"does not decode: "} + decoded.error().where);
    if (decoded->nad != block.nad || decoded->pcb != block.pcb || decoded->inf != block.inf)
        return vectors::failed("decodes to other fields");
    if (!damage_is_refused(frame)) return vectors::failed("one flipped bit is accepted");
    return vectors::passed();
}

vectors::Verdict check(json_object* vector) {
    vectors::Fields fields{vector};
    const hsm4::Bytes frame = fields.hex("frame");
    if (json_object_get_boolean(fields.member("fail")) != 0) {
        if (!fields.problem().empty()) return vectors::failed(fields.problem());
        return t1::decode(frame) ? vectors::failed("must be refused") : vectors::passed();
    }
    const auto nad = fields.array<1>("nad");
    const auto pcb = fields.array<1>("pcb");
    t1::Block block{std::to_integer<std::uint8_t>(nad[0]), std::to_integer<std::uint8_t>(pcb[0]),
                    fields.hex("inf")};
    if (!fields.problem().empty()) return vectors::failed(fields.problem());
    return check_good(block, frame);
}

std::string name(json_object* vector) { return vectors::Fields{vector}.text("name"); }

}  // namespace

int main(int argc, char** argv) {
    return vectors::run({"t1-vectors FILE.json...", name, check}, argc, argv);
}
