// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Bind, lock, unlock, with and without PIN, between a host and the module's own code in one
// process: each secret is wiped where it ends, and no memory is given back with one in it.
//
// Keys that nobody outside knows, a session's above all, are noted where they meet OpenSSL. Memory
// is watched by replacing free(), which libraries and operator delete end in; a sanitizer has its
// own, so that is left out there.
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <span>

#include "hsm4/open/open_module.hpp"
#include "tests/unit/cmocka_all.hpp"
#include "tests/unit/open/device_transport.hpp"
#include "tests/unit/wiped.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define HSM4_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HSM4_SANITIZED 1
#endif
#endif
#ifndef HSM4_SANITIZED
#define HSM4_SANITIZED 0
#include <malloc.h>
#endif

using hsm4::Bytes;
using hsm4::Secret;
using hsm4::SecretBytes;
using hsm4::View;
using hsm4::open::Credentials;
using hsm4::open::OpenModule;

namespace {

/// What must not lie in memory that is given back. No allocation of its own: free() looks here.
class Watch {
public:
    void add(View secret) {
        if (count_ == secrets_.size() || secret.empty() || secret.size() > longest) std::abort();
        std::ranges::copy(secret, secrets_[count_].begin());
        sizes_[count_++] = secret.size();
    }
    /// `block` is about to be given back.
    void look(View block) noexcept {
        for (std::size_t at = 0; at < count_; ++at) {
            const View secret = View{secrets_[at]}.first(sizes_[at]);
            const auto found =
                std::search(block.begin(), block.end(), secret.begin(), secret.end());
            if (found != block.end()) ++found_[at];
        }
    }
    std::size_t found(std::size_t number) const noexcept { return found_[number]; }
    void clear() noexcept {
        count_ = 0;
        found_ = {};
    }

private:
    static constexpr std::size_t longest = 96;
    static constexpr std::size_t most = 512;
    std::array<hsm4::Array<longest>, most> secrets_{};
    std::array<std::size_t, most> sizes_{};
    std::array<std::size_t, most> found_{};
    std::size_t count_ = 0;
};
constinit Watch watch;

/// Keys that went into OpenSSL or came out of it while a test listened.
class Noted {
public:
    void listen() { listening_ = true; }
    void add(const char* what, View key) {
        if (!listening_ || std::ranges::any_of(keys_, [&](const auto& one) {
                return std::ranges::equal(one.second.view(), key);
            }))
            return;
        keys_.emplace_back(what, SecretBytes{key});
        watch.add(key);
    }
    std::vector<std::pair<const char*, SecretBytes>> take() {
        listening_ = false;
        return std::move(keys_);
    }

private:
    std::vector<std::pair<const char*, SecretBytes>> keys_;
    bool listening_ = false;
};

Noted& noted() {
    static Noted all;
    return all;
}

View view_of_raw(const unsigned char* bytes, std::size_t size) {
    return std::as_bytes(std::span{bytes, size});
}

const hsm4::VolumeBinding volume{};
constexpr auto budget = std::chrono::seconds{10};

/// Bytes that stand nowhere else.
template <std::size_t N>
Secret<N> noise() {
    Secret<N> bytes;
    assert_true(static_cast<bool>(hsm4::crypto::random_bytes(bytes.writable())));
    return bytes;
}

struct World {
    TestModule module;

    OpenModule host(std::optional<Credentials> with) {
        return {std::make_unique<DeviceTransport>(module), module.clock, std::move(with), budget};
    }
    Credentials credentials(const Secret<32>& psk) {
        const auto& own = module.device->core().keys();
        return {{own.module_id, own.channel.public_key, own.verify_key}, 0, psk.clone()};
    }
    void bind(const Secret<32>& psk) {
        const auto derive = [&](const hsm4::Array<32>&) {
            return hsm4::Result<Secret<32>>{psk.clone()};
        };
        const auto keys = credentials(psk).module;
        assert_true(static_cast<bool>(host(std::nullopt).offer_binding(keys, 0, derive)));
        assert_true(static_cast<bool>(host(credentials(psk)).attest()));
    }
};

struct Named {
    const char* name;
    Secret<32> secret;
};

}  // namespace

extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): the linker's names
int __real_EVP_KDF_derive(EVP_KDF_CTX* context, unsigned char* key, std::size_t size,
                          const OSSL_PARAM* parameters);
int __wrap_EVP_KDF_derive(EVP_KDF_CTX* context, unsigned char* key, std::size_t size,
                          const OSSL_PARAM* parameters);
int __wrap_EVP_KDF_derive(EVP_KDF_CTX* context, unsigned char* key, std::size_t size,
                          const OSSL_PARAM* parameters) {
    const int done = __real_EVP_KDF_derive(context, key, size, parameters);
    noted().add("derived key", view_of_raw(key, size));
    return done;
}

int __real_EVP_PKEY_derive(EVP_PKEY_CTX* context, unsigned char* key, std::size_t* size);
int __wrap_EVP_PKEY_derive(EVP_PKEY_CTX* context, unsigned char* key, std::size_t* size);
int __wrap_EVP_PKEY_derive(EVP_PKEY_CTX* context, unsigned char* key, std::size_t* size) {
    const int done = __real_EVP_PKEY_derive(context, key, size);
    noted().add("agreed secret", view_of_raw(key, *size));
    return done;
}

EVP_PKEY* __real_EVP_PKEY_new_raw_private_key(int type, ENGINE* engine, const unsigned char* key,
                                              std::size_t size);
EVP_PKEY* __wrap_EVP_PKEY_new_raw_private_key(int type, ENGINE* engine, const unsigned char* key,
                                              std::size_t size);
EVP_PKEY* __wrap_EVP_PKEY_new_raw_private_key(int type, ENGINE* engine, const unsigned char* key,
                                              std::size_t size) {
    noted().add("private key", view_of_raw(key, size));
    return __real_EVP_PKEY_new_raw_private_key(type, engine, key, size);
}

int __real_EVP_CipherInit_ex(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, ENGINE* engine,
                             const unsigned char* key, const unsigned char* nonce, int encrypt);
int __wrap_EVP_CipherInit_ex(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, ENGINE* engine,
                             const unsigned char* key, const unsigned char* nonce, int encrypt);
int __wrap_EVP_CipherInit_ex(EVP_CIPHER_CTX* context, const EVP_CIPHER* cipher, ENGINE* engine,
                             const unsigned char* key, const unsigned char* nonce, int encrypt) {
    const auto size = static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher));
    noted().add("cipher's key", view_of_raw(key, size));
    return __real_EVP_CipherInit_ex(context, cipher, engine, key, nonce, encrypt);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
}

#if !HSM4_SANITIZED
extern "C" {
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming): glibc's name
void __libc_free(void* block);
void free(void* block) noexcept {
    if (block != nullptr)
        watch.look({static_cast<const std::byte*>(block), malloc_usable_size(block)});
    __libc_free(block);
}
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)
}
#endif

static void every_secret_of_a_binding_and_an_unlock(void** /*state*/) {
    std::vector<Named> secrets;
    secrets.reserve(8);
    const Secret<32> psk = noise<32>();
    const Secret<32> user_key = noise<32>();
    const Secret<32> pin = noise<32>();
    secrets.push_back({"the binding's secret", psk.clone()});
    secrets.push_back({"user key", user_key.clone()});
    secrets.push_back({"PIN", pin.clone()});
    {
        World world;
        const auto& keys = world.module.device->core().keys();
        secrets.push_back(
            {"device secret", world.module.device->core().state().device_secret.clone()});
        secrets.push_back({"the module's channel secret", keys.channel.secret.clone()});
        secrets.push_back({"signing secret", keys.sign_secret.clone()});
        secrets.push_back({"sealing key", keys.seal_key.clone()});
        secrets.push_back({"PIN key", keys.pin_key.clone()});
        wiped().forget();
        for (const Named& one : secrets) watch.add(one.secret.view());

        world.bind(psk);
        auto host = world.host(world.credentials(psk));
        const auto locked = host.lock(user_key.view(), volume, std::nullopt);
        assert_true(static_cast<bool>(locked));
        const auto with_pin = host.lock(user_key.view(), volume, pin.view());
        assert_true(static_cast<bool>(with_pin));
        assert_true(static_cast<bool>(host.unlock(*locked, volume, std::nullopt)));
        assert_true(static_cast<bool>(host.unlock(*with_pin, volume, pin.view())));
        const Secret<32> wrong = noise<32>();
        assert_false(static_cast<bool>(host.unlock(*with_pin, volume, wrong.view())));
    }
    for (std::size_t at = 0; at < secrets.size(); ++at) {
        print_message("# %s\n", secrets[at].name);
        assert_true(wiped().contains(secrets[at].secret.view()));
        assert_int_equal(watch.found(at), 0);
    }
    watch.clear();
}

/// A handshake and a command each, with and without proof, good and refused.
static void every_key_of_a_session(void** /*state*/) {
    wiped().forget();
    watch.clear();
    {
        World world;
        const Secret<32> psk = noise<32>();
        noted().listen();
        world.bind(psk);
        auto host = world.host(world.credentials(psk));
        const Secret<32> user_key = noise<32>();
        const auto locked = host.lock(user_key.view(), volume, std::nullopt);
        assert_true(static_cast<bool>(locked));
        assert_true(static_cast<bool>(host.unlock(*locked, volume, std::nullopt)));
        assert_true(static_cast<bool>(host.status()));
        const Secret<32> strange = noise<32>();
        auto stranger = world.host(world.credentials(strange));
        assert_false(static_cast<bool>(stranger.unlock(*locked, volume, std::nullopt)));
    }
    const auto keys = noted().take();
    // 5 channels: 2 ephemeral keys and 4 agreed secrets each, and what is derived from them.
    assert_true(keys.size() >= 5 * (2 + 2 + 4));
    for (std::size_t at = 0; at < keys.size(); ++at) {
        print_message("# %s %zu\n", keys[at].first, at);
        assert_true(wiped().contains(keys[at].second.view()));
        assert_int_equal(watch.found(at), 0);
    }
    watch.clear();
}

#if !HSM4_SANITIZED
/// The watch itself works: otherwise the test above could not fail.
static void memory_that_is_given_back_with_a_secret_is_noticed(void** /*state*/) {
    const Secret<32> secret = noise<32>();
    watch.add(secret.view());
    { const Bytes careless{secret.view().begin(), secret.view().end()}; }
    assert_int_equal(watch.found(0), 1);
    { const SecretBytes careful{secret.view()}; }
    assert_int_equal(watch.found(0), 1);
    watch.clear();
}
#endif

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_secret_of_a_binding_and_an_unlock),
        cmocka_unit_test(every_key_of_a_session),
#if !HSM4_SANITIZED
        cmocka_unit_test(memory_that_is_given_back_with_a_secret_is_noticed),
#endif
    };
    return cmocka_run_group_tests_name("wiping", tests, nullptr, nullptr);
}
