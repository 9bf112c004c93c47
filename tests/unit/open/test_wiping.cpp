// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Bind, lock, unlock, with and without PIN, between a host and the module's own code in one
// process: each secret is wiped where it ends, and no memory is given back with one in it.
//
// The second part replaces free(), which libraries and operator delete end in; a sanitizer has its
// own, so it is left out there.
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
        if (count_ == secrets_.size() || secret.size() > longest) std::abort();
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
    static constexpr std::size_t longest = 64;
    std::array<hsm4::Array<longest>, 16> secrets_{};
    std::array<std::size_t, 16> sizes_{};
    std::array<std::size_t, 16> found_{};
    std::size_t count_ = 0;
};
constinit Watch watch;

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
#if !HSM4_SANITIZED
        cmocka_unit_test(memory_that_is_given_back_with_a_secret_is_noticed),
#endif
    };
    return cmocka_run_group_tests_name("wiping", tests, nullptr, nullptr);
}
