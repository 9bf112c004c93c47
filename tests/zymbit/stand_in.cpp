// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The stand-in's module, and its ways to fail.
#include "tests/zymbit/stand_in.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>

#include "hsm4/crypto.hpp"
#include "hsm4/wire/cose.hpp"

namespace stand_in {

namespace {

constexpr const char* default_directory = "/var/lib/zymbit/stand-in";

std::string directory_of_test() {
    const char* named = std::getenv("HSM4_TEST_ZYMBIT");
    return named != nullptr ? named : default_directory;
}

/// One process at a time, like the daemon.
hsm4::Result<hsm4::device::Store> open_store(const std::string& directory) {
    constexpr int tries = 200;
    for (int left = tries;; --left) {
        auto store = hsm4::device::Store::open(directory);
        if (store || left == 0 || store.error().detail != EWOULDBLOCK) return store;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
}

std::optional<hsm4::device::Keys> keys_of(const std::string& directory) {
    auto store = open_store(directory);
    if (!store) return std::nullopt;
    auto keys = hsm4::device::derive_keys(store->take_state().device_secret);
    if (!keys) return std::nullopt;
    return std::move(*keys);
}

hsm4::View name_of(Key key) { return hsm4::view_of(key == Key::shared ? "shared" : "one-way"); }

}  // namespace

void hang() {
    for (;;) ::pause();
}

StandIn::StandIn() : directory_{directory_of_test()} {
    std::ifstream file{directory_ + "/defects"};
    for (std::string word; file >> word;) defects_.insert(word);
}

void StandIn::log(const std::string& call) const {
    std::ofstream{directory_ + "/calls", std::ios::app} << call << '\n';
}

bool StandIn::is_flaky_now() const {
    constexpr std::string_view prefix = "flaky-";
    for (const std::string& defect : defects_) {
        if (!defect.starts_with(prefix)) continue;
        std::ifstream file{directory_ + "/calls"};
        int calls = 0;
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("unlock")) ++calls;
        return calls <= std::stoi(defect.substr(prefix.size()));
    }
    return false;
}

int StandIn::misbehave() const {
    if (has("noise")) std::cout << "noise\n" << std::flush, std::cerr << "noise\n";
    if (has("leftover-thread")) std::thread{hang}.detach();
    if (has("child") && ::fork() == 0) hang();
    if (has("hang")) hang();
    if (has("crash")) std::abort();
    if (has("timeout") || has("unbound") || has("foreign") || is_flaky_now()) return -ETIMEDOUT;
    return has("refuse") ? -EPERM : 0;
}

std::optional<hsm4::Bytes> StandIn::lock(hsm4::View plaintext, Key key) const {
    auto keys = keys_of(directory_);
    hsm4::Array<hsm4::crypto::nonce_size> iv{};
    if (!keys || !hsm4::crypto::random_bytes(iv)) return std::nullopt;
    auto encrypted = hsm4::wire::cose::encrypt0(keys->seal_key, iv, name_of(key), plaintext);
    if (!encrypted) return std::nullopt;
    auto locked = hsm4::wire::cose::sign1(keys->sign_secret, name_of(key), *encrypted);
    if (!locked) return std::nullopt;
    return std::move(*locked);
}

std::optional<hsm4::SecretBytes> StandIn::unlock(hsm4::View locked, Key key) const {
    auto keys = keys_of(directory_);
    if (!keys) return std::nullopt;
    auto encrypted = hsm4::wire::cose::verify1(keys->verify_key, name_of(key), locked);
    if (!encrypted) return std::nullopt;
    auto plaintext = hsm4::wire::cose::decrypt0(keys->seal_key.view(), name_of(key), *encrypted);
    if (!plaintext) return std::nullopt;
    return std::move(*plaintext);
}

}  // namespace stand_in
