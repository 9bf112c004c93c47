// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A child's reply as bytes, and as an error in words for the module's owner.
#include "hsm4/zymbit/reply.hpp"

#include <algorithm>
#include <cerrno>

namespace hsm4::zymbit {

namespace {

constexpr std::size_t detail_size = 4;
constexpr std::size_t head_size = 1 + detail_size;
constexpr unsigned bits_of_byte = 8;

/// The library documents -errno; which ones is not documented beyond ETIMEDOUT.
Error call_error(int number) noexcept {
    switch (number) {
        case ETIMEDOUT:
            return {Errc::timeout,
                    "Zymbit module (unbound or asleep? look at its LED, zkifc and "
                    "the wake pin)",
                    number};
        case ENODEV:
        case ENXIO:
        case ENOENT:
        case ENOTCONN:
        case ECONNREFUSED:
        case ECONNRESET:
        case EPIPE: return {Errc::no_device, "Zymbit module (does zkifc run?)", number};
        case EIO:
        case EREMOTEIO:
        case EAGAIN:
        case EBUSY:
        case EINTR:
        case ECOMM:
        case EPROTO: return {Errc::bus, "Zymbit module", number};
        case ENOSYS:
        case EOPNOTSUPP: return {Errc::unsupported, "call of the Zymbit library", number};
        case ENOMEM: return {Errc::io, "Zymbit library", number};
        default: return {Errc::refused, "Zymbit module", number};
    }
}

Error stage_error(Stage stage, int detail) noexcept {
    switch (stage) {
        case Stage::done: break;
        case Stage::no_library: return {Errc::no_software, "libzk_app_utils.so"};
        case Stage::missing_function:
            return {Errc::no_software, "libzk_app_utils.so without a function that is needed"};
        case Stage::unknown_function:
            return {Errc::no_software, "libzk_app_utils.so of a version that cannot do this"};
        case Stage::failed: return call_error(detail);
        case Stage::unverified:
            return {Errc::refused, "locked key that the Zymbit module did not make"};
        case Stage::oversized: return {Errc::malformed, "answer of the Zymbit library"};
        case Stage::unbound:
            return {Errc::wrong_state,
                    "Zymbit module that is not bound (wake pin in zkenv.conf, "
                    "zkifc, power)"};
        case Stage::foreign_host:
            return {Errc::wrong_state,
                    "Zymbit module in production that does not accept this "
                    "board, card or salt"};
        case Stage::more_events:
            return {Errc::refused, "perimeter event that came just now; list them again"};
    }
    return {Errc::malformed, "answer of a child"};
}

}  // namespace

SecretBytes encode_reply(const Reply& reply) {
    SecretBytes encoded{head_size + reply.payload.size()};
    const auto out = encoded.writable();
    out[0] = static_cast<std::byte>(reply.stage);
    auto rest = static_cast<std::uint32_t>(reply.detail);
    for (std::size_t at = detail_size; at > 0; --at, rest >>= bits_of_byte)
        out[at] = static_cast<std::byte>(rest & 0xffU);
    std::ranges::copy(reply.payload.view(), out.subspan(head_size).begin());
    return encoded;
}

Result<SecretBytes> decode_reply(View encoded) {
    // The vendor's code ran in the child: its words are checked like anyone's.
    if (encoded.empty()) return Error{Errc::no_software, "libzk_app_utils.so that crashed"};
    if (encoded.size() < head_size) return Error{Errc::malformed, "answer of a child"};
    const auto stage = static_cast<Stage>(encoded[0]);
    if (stage == Stage::done) return SecretBytes{encoded.subspan(head_size)};
    std::uint32_t detail = 0;
    for (const std::byte byte : encoded.subspan(1, detail_size))
        detail = detail << bits_of_byte | std::to_integer<std::uint32_t>(byte);
    return stage_error(stage, static_cast<int>(detail));
}

}  // namespace hsm4::zymbit
