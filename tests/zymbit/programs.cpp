// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// zkunlockifs, zklockifs and zkgrifs for tests: which of them, its name says.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "hsm4/crypto.hpp"
#include "hsm4/files.hpp"
#include "tests/zymbit/stand_in.hpp"

namespace {

constexpr std::size_t longest_file = 1U << 20;

int print(hsm4::View bytes) {
    std::cout.write(reinterpret_cast<const char*>(bytes.data()),
                    static_cast<std::streamsize>(bytes.size()));
    return std::cout.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
}

/// Without the right pin the module does not wake.
bool wakes(const stand_in::StandIn& module) {
    std::ifstream file{module.directory() + "/wake-pin"};
    std::string wanted;
    if (!(file >> wanted)) return true;
    const char* pin = std::getenv("ZK_GPIO_WAKE_PIN");
    return pin != nullptr && wanted == pin;
}

int unlock(const stand_in::StandIn& module, const std::string& path) {
    auto locked = hsm4::read_file(path, longest_file);
    if (!locked) return EXIT_FAILURE;
    auto plaintext = module.unlock(locked->view(), stand_in::Key::one_way);
    if (!plaintext || module.has("unverified")) return EXIT_FAILURE;
    if (module.has("unverified-output")) std::ranges::fill(plaintext->writable(), std::byte{0x55});
    return print(plaintext->view());
}

int lock(const stand_in::StandIn& module, const std::string& path) {
    auto plaintext = hsm4::read_file(path, longest_file);
    if (!plaintext) return EXIT_FAILURE;
    auto locked = module.lock(plaintext->view(), stand_in::Key::one_way);
    return locked ? print(*locked) : EXIT_FAILURE;
}

int random(const std::string& size) {
    hsm4::SecretBytes bytes{std::stoul(size)};
    return hsm4::crypto::random_bytes(bytes.writable()) ? print(bytes.view()) : EXIT_FAILURE;
}

}  // namespace

int main(int count, char** words) {
    if (count != 2) return EXIT_FAILURE;
    const std::string name = std::string{words[0]}.substr(std::string{words[0]}.rfind('/') + 1);
    const std::string argument = words[1];
    const stand_in::StandIn module;
    module.log(name == "zkunlockifs" ? "unlock program" : name);
    if (module.has("empty")) return EXIT_SUCCESS;
    if (module.misbehave() != 0 || !wakes(module)) return EXIT_FAILURE;
    if (name == "zkunlockifs") return unlock(module, argument);
    if (name == "zklockifs") return lock(module, argument);
    return name == "zkgrifs" ? random(argument) : EXIT_FAILURE;
}
