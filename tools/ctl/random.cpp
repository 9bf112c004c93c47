// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl random.
#include "tools/ctl/random.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "hsm4/wire/protocol.hpp"
#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

namespace {

/// In as many calls as it takes.
Result<SecretBytes> draw(Module& module, std::size_t size) {
    SecretBytes all{size};
    for (std::size_t done = 0; done < size;) {
        auto part = module.random(std::min(size - done, wire::longest_random));
        if (!part) return part.error();
        std::ranges::copy(part->view(), all.writable().subspan(done).begin());
        done += part->size();
    }
    return all;
}

SecretBytes hex_digits(View bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    SecretBytes text{bytes.size() * 2};
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const auto value = std::to_integer<unsigned>(bytes[at]);
        text.writable()[2 * at] = static_cast<std::byte>(digits[value >> 4]);
        text.writable()[2 * at + 1] = static_cast<std::byte>(digits[value & 0xf]);
    }
    return text;
}

void put(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print(const SecretBytes& bytes, const Options& options) {
    // Raw bytes upset a terminal.
    const bool hex = options.hex || options.json || ::isatty(STDOUT_FILENO) != 0;
    const SecretBytes encoded = hex ? hex_digits(bytes.view()) : bytes.clone();
    if (options.json) put("{\n  \"random\":\"");
    std::fwrite(encoded.view().data(), 1, encoded.size(), stdout);
    if (options.json) put("\"\n}");
    if (hex) put("\n");
}

}  // namespace

int run_random(const Options& options) {
    auto host = load_host(options);
    if (!host) return complain(host.error());
    SystemClock clock;
    auto module = reach(*host, Proof::needed, clock);
    if (!module) return complain(module.error(), host->uri);
    auto bytes = draw(**module, options.bytes);
    if (!bytes) return complain(bytes.error(), host->uri);
    // Unbuffered: stdio must not keep a copy.
    std::setvbuf(stdout, nullptr, _IONBF, 0);
    print(*bytes, options);
    if (std::ferror(stdout) != 0) return complain(Error{Errc::io, "standard output", errno});
    return exit_done;
}

}  // namespace hsm4::ctl
