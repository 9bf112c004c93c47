// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The table of faults.
#include "tests/i2c/fault.hpp"

#include <array>
#include <charconv>

namespace hsm4::bench {

namespace {

struct Named {
    Fault::Kind kind;
    const char* name;
};
constexpr std::array kinds{
    Named{Fault::Kind::nack, "nack"},
    Named{Fault::Kind::corrupt, "corrupt"},
    Named{Fault::Kind::truncate, "truncate"},
    Named{Fault::Kind::duplicate, "duplicate"},
    Named{Fault::Kind::swallow, "swallow"},
    Named{Fault::Kind::short_count, "short"},
    Named{Fault::Kind::again, "again"},
    Named{Fault::Kind::timed_out, "timed-out"},
    Named{Fault::Kind::io, "io"},
    Named{Fault::Kind::silence, "silence"},
    Named{Fault::Kind::wtx, "wtx"},
    Named{Fault::Kind::reset, "reset"},
};

constexpr std::uint32_t longest_silence_ms = 700;
constexpr std::uint32_t longest_storm = 20;  // the host gives up after 16

/// The values of N that make a difference.
std::uint32_t range_of(Fault::Kind kind, const Transfer& transfer) noexcept {
    const auto size = static_cast<std::uint32_t>(transfer.size);
    switch (kind) {
        case Fault::Kind::nack: return transfer.is_read ? 1 : size + 1;
        case Fault::Kind::corrupt: return 8 * size;
        case Fault::Kind::truncate: return size;
        case Fault::Kind::timed_out:
        case Fault::Kind::io: return 2;
        case Fault::Kind::silence: return longest_silence_ms;
        case Fault::Kind::wtx: return longest_storm;
        case Fault::Kind::duplicate:
        case Fault::Kind::swallow:
        case Fault::Kind::short_count:
        case Fault::Kind::again:
        case Fault::Kind::reset: return 1;
    }
    return 1;
}

}  // namespace

std::optional<Fault> parse_fault(std::string_view text) {
    Fault fault;
    const auto colon = text.find(':');
    if (colon != text.npos) {
        const char* end = text.data() + text.size();
        const auto [stop, code] = std::from_chars(text.data() + colon + 1, end, fault.n);
        if (code != std::errc{} || stop != end) return std::nullopt;
    }
    for (const Named& named : kinds) {
        if (text.substr(0, colon) != named.name) continue;
        fault.kind = named.kind;
        return fault;
    }
    return std::nullopt;
}

Fault any_fault(const Transfer& transfer, const std::function<std::uint32_t(std::uint32_t)>& draw) {
    const Fault::Kind kind = kinds[draw(kinds.size())].kind;
    return {kind, draw(range_of(kind, transfer))};
}

const char* name_of(Fault::Kind kind) noexcept {
    for (const Named& named : kinds)
        if (named.kind == kind) return named.name;
    return "?";
}

}  // namespace hsm4::bench
