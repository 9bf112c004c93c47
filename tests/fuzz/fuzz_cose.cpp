// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Law: nothing that was made without the key decrypts, and nothing made without the secret
// verifies.
#include "hsm4/wire/cose.hpp"
#include "tests/fuzz/law.hpp"

namespace cose = hsm4::wire::cose;
namespace crypto = hsm4::crypto;

namespace {

const hsm4::Bytes aad(32, std::byte{0xaa});

/// Drawn anew for each run, so that no input can have been made with it.
struct Keys {
    hsm4::Secret<crypto::key_size> encryption;
    crypto::PublicKey verification{};
};
Keys draw() {
    Keys keys;
    hsm4::Secret<crypto::key_size> signing;
    fuzz::must(static_cast<bool>(crypto::random_bytes(keys.encryption.writable())), "a key");
    fuzz::must(static_cast<bool>(crypto::random_bytes(signing.writable())), "a secret");
    keys.verification = *crypto::ed25519_public(signing.view());
    return keys;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Keys keys = draw();
    const hsm4::View message = fuzz::input(data, size);
    fuzz::must(!cose::verify1(keys.verification, aad, message), "no forged signature");
    fuzz::must(!cose::decrypt0(keys.encryption.view(), aad, message), "no forged ciphertext");
    return 0;
}
