// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// CipherState and SymmetricState of the Noise Protocol Framework, revision 34.
#include "hsm4/wire/noise.hpp"

#include <limits>

namespace hsm4::wire::noise {

namespace {

using crypto::nonce_size;

crypto::Aead aead_of(Suite suite) noexcept {
    return suite == Suite::chachapoly_sha256 ? crypto::Aead::chacha20_poly1305
                                             : crypto::Aead::aes_256_gcm;
}

/// 32 zero bits, then the counter: little-endian for ChaChaPoly, big-endian for AESGCM (section
/// 12).
Array<nonce_size> nonce_bytes(Suite suite, std::uint64_t counter) noexcept {
    Array<nonce_size> nonce{};
    constexpr std::size_t width = sizeof(counter);
    for (std::size_t at = 0; at < width; ++at) {
        const std::size_t place = suite == Suite::chachapoly_sha256 ? at : width - 1 - at;
        nonce[nonce_size - width + place] = static_cast<std::byte>(counter >> (8 * at));
    }
    return nonce;
}

/// The noise "HKDF" with two or three outputs (section 4.3) is RFC 5869 with an empty info.
template <std::size_t Outputs>
Result<Secret<Outputs * hash_size>> derive(const Secret<hash_size>& chaining_key, View input) {
    Secret<Outputs * hash_size> out;
    Status derived = crypto::hkdf_sha256(chaining_key.view(), input, {}, out.writable());
    if (!derived) return derived.error();
    return out;
}

template <std::size_t Index, std::size_t Size>
Secret<hash_size> part(const Secret<Size>& all) noexcept {
    return Secret<hash_size>{all.view().template subspan<Index * hash_size, hash_size>()};
}

}  // namespace

std::string protocol_name(Pattern pattern, Suite suite) {
    std::string name = "Noise_";
    switch (pattern) {
        case Pattern::nn: name += "NN"; break;
        case Pattern::nk: name += "NK"; break;
        case Pattern::nkpsk0: name += "NKpsk0"; break;
    }
    name += "_25519_";
    name += suite == Suite::chachapoly_sha256 ? "ChaChaPoly" : "AESGCM";
    return name + "_SHA256";
}

void CipherState::initialize_key(Secret<key_size> key) noexcept {
    key_.emplace(std::move(key));
    nonce_ = 0;
}

Result<Bytes> CipherState::encrypt_with_ad(View associated, View plaintext) {
    if (plaintext.size() > longest_message - tag_size)
        return Error{Errc::usage, "Noise message too long"};
    if (!key_) return Bytes{plaintext.begin(), plaintext.end()};
    // 2^64 - 1 is reserved (section 5.1).
    if (nonce_ == std::numeric_limits<std::uint64_t>::max())
        return Error{Errc::crypto, "Noise counter is used up"};
    Bytes out(plaintext.size() + tag_size);
    Status sealed = crypto::aead_seal(aead_of(suite_), key_->view(), nonce_bytes(suite_, nonce_),
                                      associated, plaintext, out);
    if (!sealed) return sealed.error();
    ++nonce_;
    return out;
}

Result<SecretBytes> CipherState::decrypt_with_ad(View associated, View ciphertext) {
    if (ciphertext.size() > longest_message)
        return Error{Errc::malformed, "Noise message too long"};
    if (!key_) return SecretBytes{ciphertext};
    if (nonce_ == std::numeric_limits<std::uint64_t>::max())
        return Error{Errc::crypto, "Noise counter is used up"};
    if (ciphertext.size() < tag_size) return Error{Errc::unauthentic, "short Noise message"};
    SecretBytes out{ciphertext.size() - tag_size};
    Status opened = crypto::aead_open(aead_of(suite_), key_->view(), nonce_bytes(suite_, nonce_),
                                      associated, ciphertext, out.writable());
    if (!opened) return opened.error();
    ++nonce_;
    return out;
}

Result<SymmetricState> SymmetricState::start(Pattern pattern, Suite suite, View prologue) {
    SymmetricState self{suite};
    const std::string name = protocol_name(pattern, suite);
    // A name that fits is padded with zeros, not hashed.
    if (name.size() <= hash_size) {
        const View bytes = view_of(name);
        std::copy(bytes.begin(), bytes.end(), self.hash_.begin());
    } else {
        auto hashed = crypto::sha256(view_of(name));
        if (!hashed) return hashed.error();
        self.hash_ = *hashed;
    }
    self.chaining_key_ = Secret<hash_size>{self.hash_};
    if (Status mixed = self.mix_hash(prologue); !mixed) return mixed.error();
    return self;
}

Status SymmetricState::mix_key(View input) {
    auto out = derive<2>(chaining_key_, input);
    if (!out) return out.error();
    chaining_key_ = part<0>(*out);
    cipher_.initialize_key(part<1>(*out));
    return ok();
}

Status SymmetricState::mix_hash(View data) {
    auto hashed = crypto::sha256(hash_, data);
    if (!hashed) return hashed.error();
    hash_ = *hashed;
    return ok();
}

Status SymmetricState::mix_key_and_hash(View input) {
    auto out = derive<3>(chaining_key_, input);
    if (!out) return out.error();
    chaining_key_ = part<0>(*out);
    const Secret<hash_size> middle = part<1>(*out);
    if (Status mixed = mix_hash(middle.view()); !mixed) return mixed;
    cipher_.initialize_key(part<2>(*out));
    return ok();
}

Result<Bytes> SymmetricState::encrypt_and_hash(View plaintext) {
    auto ciphertext = cipher_.encrypt_with_ad(hash_, plaintext);
    if (!ciphertext) return ciphertext;
    if (Status mixed = mix_hash(*ciphertext); !mixed) return mixed.error();
    return ciphertext;
}

Result<SecretBytes> SymmetricState::decrypt_and_hash(View ciphertext) {
    auto plaintext = cipher_.decrypt_with_ad(hash_, ciphertext);
    if (!plaintext) return plaintext;
    if (Status mixed = mix_hash(ciphertext); !mixed) return mixed.error();
    return plaintext;
}

Result<Transport> SymmetricState::split() {
    auto out = derive<2>(chaining_key_, {});
    if (!out) return out.error();
    Transport transport{CipherState{suite_}, CipherState{suite_}, hash_};
    transport.initiator_to_responder.initialize_key(part<0>(*out));
    transport.responder_to_initiator.initialize_key(part<1>(*out));
    return transport;
}

}  // namespace hsm4::wire::noise
