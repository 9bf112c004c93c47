// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Unlocking by token. Every check that can be made without the module comes first.
#include "plugin/unlock.hpp"

#include <libcryptsetup.h>

#include "hsm4/config.hpp"
#include "hsm4/connect/connect.hpp"
#include "hsm4/passphrase.hpp"
#include "hsm4/pins.hpp"
#include "hsm4/token.hpp"
#include "hsm4/unlock_token.hpp"
#include "hsm4/volume_binding.hpp"
#include "plugin/absence.hpp"

namespace hsm4::plugin {

namespace {

// With the default wait of 10 s, all of it stays below the 15 s after which people give up.
constexpr std::chrono::seconds exchange_budget{4};
constexpr std::chrono::milliseconds retry_interval{250};
// A vendor's module tries again by itself until its budget ends, so the wait is its budget.
// Together with one more look it stays within 30 s, however long the wait is set.
constexpr std::chrono::seconds longest_vendor_wait{26};

struct Request {
    Token token;
    Config config;
    Uri uri;
    VolumeBinding binding{};
};

Result<Request> prepare(struct crypt_device* device, int token_id) {
    const char* json = nullptr;
    if (crypt_token_json_get(device, token_id, &json) < 0 || json == nullptr)
        return Error{Errc::bad_token, "token that is not readable"};
    auto token = parse_token(json);
    if (!token) return token.error();
    auto config = load_config(config_path());
    if (!config) return config.error();
    auto uri = choose_uri("", config->device, token->backend);
    if (!uri) return uri.error();
    if (Status pinned = check_module_pin(*config, *token); !pinned) return pinned.error();
    auto module = bound_module(*token);
    if (!module) return module.error();
    auto binding = volume_binding(device, token->keyslot, *module, SlotState::present);
    if (!binding) return binding.error();
    if (Status pinned = check_volume_pin(*config, crypt_get_uuid(device), *binding); !pinned)
        return pinned.error();
    return Request{std::move(*token), std::move(*config), std::move(*uri), *binding};
}

/// One attempt: the node or socket is there or not, the identity is measurable or not.
Result<SecretBytes> attempt(const Request& request, std::optional<View> pin, Clock& clock,
                            std::chrono::milliseconds budget) {
    auto module = connect(request.uri, request.config, Proof::needed, clock, budget);
    if (!module) return module.error();
    return unlock_token(**module, request.token, request.binding, pin);
}

bool is_vendors(const Request& request) { return request.token.backend == "zymbit"; }

/// Late hardware: worth another look. Anything else is an answer.
bool is_absence(const Request& request, const Error& error) {
    return error.code == Errc::no_device || error.code == Errc::identity ||
           (is_vendors(request) && error.code == Errc::timeout);
}

std::chrono::seconds wait_of(const Request& request) {
    if (is_known_absent(request.uri)) return std::chrono::seconds{0};
    if (is_vendors(request)) return std::min(request.config.wait, longest_vendor_wait);
    return request.config.wait;
}

std::chrono::milliseconds budget_of(const Request& request, const Deadline& deadline) {
    if (!is_vendors(request)) return exchange_budget;
    return std::max<std::chrono::milliseconds>(
        exchange_budget, std::chrono::ceil<std::chrono::milliseconds>(deadline.left()));
}

Result<SecretBytes> attempt_until_there(const Request& request, std::optional<View> pin) {
    SystemClock clock;
    const Deadline deadline{clock, wait_of(request)};
    for (;;) {
        auto key = attempt(request, pin, clock, budget_of(request, deadline));
        if (key || !is_absence(request, key.error())) return key;
        if (deadline.expired() || is_vendors(request)) {
            remember_absent(request.uri);
            return key;
        }
        clock.sleep(std::min<std::chrono::microseconds>(retry_interval, deadline.left()));
    }
}

}  // namespace

Result<SecretBytes> unlock(struct crypt_device* device, int token_id, std::optional<View> pin) {
    auto request = prepare(device, token_id);
    if (!request) return request.error();
    if (request->token.pin && !pin) return Error{Errc::bad_pin, "token with PIN"};
    // A token without PIN is opened without, whatever the caller had typed for another token.
    if (!request->token.pin) pin.reset();
    auto key = attempt_until_there(*request, pin);
    if (!key) return key.error();
    return passphrase(*key, pin);
}

}  // namespace hsm4::plugin
