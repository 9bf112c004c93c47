// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Sealing a key to a volume inside the plaintext.
#include "hsm4/zymbit/sealed.hpp"

#include <algorithm>
#include <string_view>

#include "hsm4/cbor.hpp"

namespace hsm4::zymbit {

namespace {

constexpr std::string_view domain = "hsm4 sealed key v1";
constexpr std::size_t field_count = 3;
/// The encoding's first bytes: an array of three, a text of 18, and the text.
constexpr std::string_view magic = "\x83\x72hsm4 sealed key v1";
static_assert(magic.size() == 2 + domain.size() && magic.ends_with(domain));

}  // namespace

Result<SecretBytes> seal(View key, const VolumeBinding& binding) {
    if (key.empty() || key.size() > longest_key) return Error{Errc::usage, "length of the key"};
    return cbor::encode_secret(
        cbor::array(cbor::text(domain), cbor::bytes(binding), cbor::bytes(key)));
}

bool is_sealed(View plaintext) noexcept {
    const View start = view_of(magic);
    return plaintext.size() >= start.size() &&
           std::ranges::equal(plaintext.first(start.size()), start);
}

Result<SecretBytes> unseal(View plaintext, const VolumeBinding& binding) {
    const Error bad{Errc::malformed, "unlocked key that is not what was locked (enrol again)"};
    if (!is_sealed(plaintext)) return bad;
    auto item = cbor::decode_deterministic(plaintext);
    if (!item) return bad;
    auto fields = cbor::as_array(item->get(), field_count);
    if (!fields) return bad;
    auto sealed_binding = cbor::as_bytes((*fields)[1]);
    auto key = cbor::as_bytes((*fields)[2]);
    if (!sealed_binding || !key || key->empty() || key->size() > longest_key) return bad;
    if (!equal_secret(*sealed_binding, binding))
        return Error{Errc::refused, "key that was locked for another volume or key slot"};
    return SecretBytes{*key};
}

}  // namespace hsm4::zymbit
