// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Module URIs and the order in which one is chosen.
#include "hsm4/uri.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace hsm4 {

namespace {

constexpr std::string_view default_i2c = "i2c:/dev/i2c-1@0x30";

struct Scheme {
    std::string_view prefix;
    Uri::Kind kind;
};
constexpr std::array schemes{
    Scheme{"i2c:", Uri::Kind::i2c},
    Scheme{"unix:", Uri::Kind::unix_socket},
    Scheme{"zymbit:", Uri::Kind::zymbit},
    Scheme{"zymbit-exec:", Uri::Kind::zymbit_exec},
};

bool is_vendor(Uri::Kind kind) noexcept {
    return kind == Uri::Kind::zymbit || kind == Uri::Kind::zymbit_exec;
}

/// The addresses that the original module can be set to.
bool is_module_address(unsigned address) noexcept {
    return (address >= 0x30 && address <= 0x37) || (address >= 0x60 && address <= 0x67);
}

Result<std::uint8_t> parse_address(std::string_view text) {
    const Error bad{Errc::usage, "I2C address (0x30-0x37 or 0x60-0x67)"};
    if (!text.starts_with("0x")) return bad;
    text.remove_prefix(2);
    unsigned address = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), address, 16);
    if (code != std::errc{} || end != text.data() + text.size() || !is_module_address(address))
        return bad;
    return static_cast<std::uint8_t>(address);
}

}  // namespace

const char* Uri::backend() const noexcept { return is_vendor(kind) ? "zymbit" : "open"; }

Result<Uri> parse_uri(std::string_view text) {
    Uri uri;
    bool known = false;
    for (const Scheme& scheme : schemes) {
        if (!text.starts_with(scheme.prefix)) continue;
        uri.kind = scheme.kind;
        text.remove_prefix(scheme.prefix.size());
        known = true;
        break;
    }
    if (!known) return Error{Errc::usage, "module URI (i2c:, unix:, zymbit: or zymbit-exec:)"};
    if (const auto at = text.rfind('@'); uri.kind == Uri::Kind::i2c && at != text.npos) {
        auto address = parse_address(text.substr(at + 1));
        if (!address) return address.error();
        uri.address = *address;
        text = text.substr(0, at);
    }
    const bool path_fits = text.starts_with('/') || (text.empty() && is_vendor(uri.kind));
    if (!path_fits || text.find('\0') != text.npos)
        return Error{Errc::usage, "module URI without an absolute path"};
    uri.path = text;
    return uri;
}

std::string to_text(const Uri& uri) {
    std::string text;
    for (const Scheme& scheme : schemes)
        if (scheme.kind == uri.kind) text = scheme.prefix;
    text += uri.path;
    if (uri.kind == Uri::Kind::i2c) {
        std::array<char, 2> digits{};
        std::to_chars(digits.data(), digits.data() + digits.size(), unsigned{uri.address}, 16);
        text += "@0x";
        text.append(digits.data(), digits.size());
    }
    return text;
}

Result<Uri> choose_uri(std::string_view option, std::string_view configured,
                       std::string_view backend) {
    std::string_view chosen = option;
    // A set-user-ID program must not be led to another module by its caller.
    const char* environment = secure_getenv("HSM4_DEVICE");
    if (chosen.empty() && environment != nullptr) chosen = environment;
    if (chosen.empty()) chosen = configured;
    if (chosen.empty()) chosen = backend == "zymbit" ? std::string_view{"zymbit:"} : default_i2c;
    auto uri = parse_uri(chosen);
    if (uri && !backend.empty() && uri->backend() != backend)
        return Error{Errc::refused, "token of another kind of module than the configured device"};
    return uri;
}

}  // namespace hsm4
