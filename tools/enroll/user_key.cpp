// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Drawing and locking a user key.
#include "tools/enroll/user_key.hpp"

#include <sys/random.h>

#include <cerrno>

#include "hsm4/connect/connect.hpp"
#include "hsm4/crypto.hpp"
#include "hsm4/passphrase.hpp"

namespace hsm4::enroll {

namespace {

constexpr std::chrono::seconds exchange_budget{10};
constexpr std::size_t user_key_size = 64;

/// Neither a weak module nor a weak kernel alone decides the key. A vendor's software of a version
/// that gives no random bytes leaves it to the kernel.
Result<SecretBytes> draw(Module& module) {
    Secret<2 * user_key_size> from_kernel;
    const auto room = from_kernel.writable();
    if (::getrandom(room.data(), room.size(), 0) != static_cast<ssize_t>(room.size()))
        return Error{Errc::io, "random bytes of the kernel", errno};
    auto from_module = module.random(user_key_size);
    if (!from_module && from_module.error().code != Errc::no_software) return from_module.error();
    const View half = from_kernel.view().first(user_key_size);
    const View other = from_module ? from_module->view() : from_kernel.view().last(user_key_size);
    SecretBytes key{user_key_size};
    Status mixed = crypto::hkdf_sha256(half, other, view_of("hsm4 user key v1"), key.writable());
    if (!mixed) return mixed.error();
    return key;
}

Result<Bytes> lock_and_compare(Module& module, const SecretBytes& key, const VolumeBinding& binding,
                               std::optional<View> pin, bool ahead) {
    auto locked =
        ahead ? module.lock_ahead(key.view(), binding, pin) : module.lock(key.view(), binding, pin);
    if (!locked) return locked.error();
    auto again = module.unlock(*locked, binding, pin);
    if (!again) return again.error();
    if (!equal_secret(again->view(), key.view()))
        return Error{Errc::malformed, "key that the module unlocked"};
    return locked;
}

BoundModule named(const ModuleInfo& info) {
    if (info.keys) return info.keys->module_id;
    return info.id;
}

}  // namespace

Done check_bound(const std::string& uri_option, const Config& config) {
    auto uri = choose_uri(uri_option, config.device, "");
    if (!uri) return Problem{uri.error()};
    if (uri->backend() == std::string_view{"zymbit"} || config.binding) return done();
    return Problem{Error{Errc::bad_config, "this host is not bound to a module"}};
}

Outcome<BoundHost> reach_module(const std::string& uri_option, const Config& config, Clock& clock) {
    auto uri = choose_uri(uri_option, config.device, "");
    if (!uri) return Problem{uri.error()};
    const Deadline deadline{clock, config.wait};
    if (Status there = wait_for_device(*uri, clock, deadline); !there)
        return Problem{there.error()};
    auto module = connect(*uri, config, Proof::needed, clock, exchange_budget);
    if (!module) return Problem{module.error()};
    auto info = (*module)->info();
    if (!info) return Problem{info.error()};
    BoundModule id = named(*info);
    return BoundHost{std::move(*module), std::move(*info), std::move(id)};
}

Outcome<LockedKey> make_user_key(BoundHost& host, const Volume& volume, int keyslot,
                                 std::optional<View> pin, bool ahead) {
    auto binding = volume_binding(volume.context(), keyslot, host.id, SlotState::planned);
    if (!binding) return Problem{binding.error()};
    auto key = draw(*host.module);
    if (!key) return Problem{key.error()};
    auto locked = lock_and_compare(*host.module, *key, *binding, pin, ahead);
    if (!locked) return Problem{locked.error()};
    auto secret = passphrase(*key, pin);
    if (!secret) return Problem{secret.error()};
    Token token;
    token.keyslot = keyslot;
    token.backend = host.info.backend;
    token.module_id = host.info.id;
    token.keys = host.info.keys;
    token.locked_key = std::move(*locked);
    token.pin = pin.has_value();
    return LockedKey{std::move(*secret), std::move(token), *binding};
}

}  // namespace hsm4::enroll
