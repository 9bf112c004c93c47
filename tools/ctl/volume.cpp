// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// hsm4ctl volume. Boot scripts ask it before they let anything open a volume.
#include "tools/ctl/volume.hpp"

#include <libcryptsetup.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "hsm4/pins.hpp"
#include "hsm4/token.hpp"
#include "hsm4/volume_binding.hpp"
#include "tools/ctl/facts.hpp"
#include "tools/ctl/host.hpp"

namespace hsm4::ctl {

namespace {

struct Free {
    void operator()(crypt_device* context) const noexcept { crypt_free(context); }
};
using Context = std::unique_ptr<crypt_device, Free>;

/// What the header shows, and whether a pin vouches for it.
struct Header {
    std::string uuid;
    std::uint32_t tokens = 0;  ///< of ours
    bool pin = false;          ///< one of them wants a PIN
    bool known = false;        ///< hsm4.conf pins bindings of a volume with this UUID
    bool matches = false;      ///< and one of our tokens has one of these
};

/// Loading must not run anybody's plugin: the header is not trusted yet.
Result<Context> load(const Options& options) {
    crypt_set_log_callback(
        nullptr, [](int, const char*, void*) {}, nullptr);
    crypt_token_external_disable();
    crypt_device* raw = nullptr;
    const char* data = options.header.empty() ? nullptr : options.volume.c_str();
    const std::string& metadata = options.header.empty() ? options.volume : options.header;
    int failed = crypt_init_data_device(&raw, metadata.c_str(), data);
    Context context{raw};
    if (failed < 0) return Error{Errc::io, "opening the volume", -failed};
    failed = crypt_load(context.get(), CRYPT_LUKS2, nullptr);
    if (failed < 0) return Error{Errc::bad_volume, "no LUKS2 header"};
    return context;
}

bool is_pinned(crypt_device* context, const Config& config, const Token& token,
               std::string_view uuid) {
    auto module = bound_module(token);
    if (!module) return false;
    auto binding = volume_binding(context, token.keyslot, *module, SlotState::present);
    return binding && check_module_pin(config, token) && check_volume_pin(config, uuid, *binding);
}

Header examine(crypt_device* context, const Config& config) {
    Header header;
    const char* uuid = crypt_get_uuid(context);
    header.uuid = uuid != nullptr ? uuid : "";
    header.known = config.volumes.contains(header.uuid);
    const int most = crypt_token_max(CRYPT_LUKS2);
    for (int id = 0; id < most; ++id) {
        const char* json = nullptr;
        if (crypt_token_json_get(context, id, &json) < 0 || json == nullptr) continue;
        auto token = parse_token(json);
        if (!token) continue;
        ++header.tokens;
        header.pin = header.pin || token->pin;
        header.matches =
            header.matches || (header.known && is_pinned(context, config, *token, header.uuid));
    }
    return header;
}

const char* binding_word(const Header& header) {
    if (!header.known) return "not pinned";
    return header.matches ? "pinned" : "differs from the pin";
}

/// For scripts: "token", "pin" and "forbidden" as they apply, on one line.
void print_words(const Header& header, bool forbidden) {
    std::string words;
    if (header.tokens > 0) words += "token ";
    if (header.pin) words += "pin ";
    if (forbidden) words += "forbidden ";
    if (!words.empty()) words.back() = '\n';
    std::fputs(words.c_str(), stdout);
}

Status print_facts(const Options& options, const Header& header, const Config& config,
                   bool forbidden) {
    Facts facts;
    facts.add("device", "Device", options.volume)
        .add("uuid", "UUID", header.uuid)
        .add("tokens", "hsm4 tokens", header.tokens)
        .add("pin", "PIN", header.pin)
        .add("binding", "Binding", binding_word(header))
        .add("strict", "Strict", config.strict)
        .add("may-open", "May open", !forbidden);
    return facts.print(options.json);
}

}  // namespace

int run_volume(const Options& options) {
    auto config = load_config(config_path());
    if (!config) return complain(config.error());
    auto context = load(options);
    if (!context) {
        // Nothing but LUKS2 can be pinned, so strict lets nothing else through.
        if (options.words) print_words({}, config->strict);
        return complain(context.error());
    }
    const Header header = examine(context->get(), *config);
    const bool forbidden = config->strict && !header.matches;
    if (options.words)
        print_words(header, forbidden);
    else if (Status printed = print_facts(options, header, *config, forbidden); !printed)
        return complain(printed.error());
    if (!forbidden) return exit_done;
    return complain(Error{Errc::pin_mismatch, header.known
                                                  ? "volume that was changed since it was enrolled"
                                                  : "volume that hsm4.conf does not pin"});
}

}  // namespace hsm4::ctl
