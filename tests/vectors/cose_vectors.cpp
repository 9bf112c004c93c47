// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// cose-vectors FILE.json...: COSE_Encrypt0 with AES-GCM and COSE_Sign1 with Ed25519, in the schema
// of the COSE working group's examples. Other structures and algorithms are skipped.
//
// Our profile is narrower than RFC 9052: the message is tagged, and the algorithm is protected. A
// sound message outside of it must be refused as malformed, and counts as skipped.
#include <algorithm>
#include <optional>

#include "hsm4/wire/cose.hpp"
#include "tests/vectors/vector_file.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::Result;
using hsm4::View;
using vectors::Fields;
using vectors::Verdict;

namespace cose = hsm4::wire::cose;
namespace crypto = hsm4::crypto;

namespace {

/// One example.
struct Example {
    bool must_fail = false;
    bool other_profile = false;
    Bytes message;
    Bytes external;
    Bytes plaintext;
    std::size_t authenticator_size = 0;  ///< tag or signature at the message's end
    std::function<Result<Bytes>(View external, View message)> open;
    std::function<Result<Bytes>()> make_again;  ///< where our encoder makes messages of this form
};

bool starts_with(View message, std::string_view hex) {
    auto head = hsm4::from_hex(hex);
    return head && message.size() >= head->size() &&
           std::equal(head->begin(), head->end(), message.begin());
}

/// The algorithm that the example started from, before anything in it was spoiled.
std::string algorithm_of(json_object* section) {
    for (json_object* place : {section, hsm4::json::member(section, "protected"),
                               hsm4::json::member(section, "unprotected")})
        if (json_object* const alg = hsm4::json::member(place, "alg"); alg != nullptr)
            return json_object_get_string(alg);
    return "no algorithm";
}

bool is_of_other_profile(json_object* input, json_object* section) {
    const Fields failures{hsm4::json::member(input, "failures")};
    const Fields unprotected{hsm4::json::member(section, "unprotected")};
    return failures.has("RemoveCBORTag") || unprotected.has("alg");
}

/// A key's part, as NAME_hex or as base64url (JWK).
Bytes key_part(Fields& key, const std::string& name) {
    if (key.has((name + "_hex").c_str())) return key.hex((name + "_hex").c_str());
    auto bytes = vectors::from_base64url(key.text(name.c_str()));
    if (bytes) return *bytes;
    key.complain(name.c_str(), "is not base64url");
    return {};
}

Bytes plaintext_of(Fields& input) {
    if (input.has("plaintext_hex")) return input.hex("plaintext_hex");
    const std::string text = input.text("plaintext");
    const View bytes = hsm4::view_of(text);
    return {bytes.begin(), bytes.end()};
}

Result<Bytes> open_encrypt0(const Bytes& key, View external, View message) {
    auto plaintext = cose::decrypt0(key, external, message);
    if (!plaintext) return plaintext.error();
    return Bytes{plaintext->view().begin(), plaintext->view().end()};
}

/// A256GCM with an IV and nothing else: the form of our own encoder.
void expect_same_encrypt0(Example& example, const Bytes& key) {
    constexpr std::string_view form = "d08343a10103a1054c";
    constexpr std::size_t iv_place = form.size() / 2;
    if (!starts_with(example.message, form) || key.size() != crypto::key_size) return;
    if (example.message.size() < iv_place + crypto::nonce_size) return;
    example.make_again = [&example, key] {
        const View message = example.message;
        return cose::encrypt0(hsm4::Secret<crypto::key_size>{View{key}.first<crypto::key_size>()},
                              message.subspan<iv_place, crypto::nonce_size>(), example.external,
                              example.plaintext);
    };
}

std::string read_encrypt0(json_object* vector, Example& example) {
    Fields intermediates{hsm4::json::member(vector, "intermediates")};
    const Bytes key = intermediates.hex("CEK_hex");
    example.authenticator_size = crypto::tag_size;
    example.open = [key](View external, View message) {
        return open_encrypt0(key, external, message);
    };
    expect_same_encrypt0(example, key);
    return intermediates.problem();
}

/// EdDSA (-8) and nothing else: the form of our own encoder, and its signatures repeat.
void expect_same_sign1(Example& example, Fields& key) {
    if (!starts_with(example.message, "d28443a10127a0")) return;
    if (!key.has("d_hex") && !key.has("d")) return;
    auto seed = hsm4::to_array<crypto::key_size>(key_part(key, "d"), "d");
    if (!seed) return key.complain("d", "is not 32 bytes");
    example.make_again = [&example, seed = *seed] {
        return cose::sign1(hsm4::Secret<crypto::key_size>{seed}, example.external,
                           example.plaintext);
    };
}

std::string read_sign1(json_object* section, Example& example) {
    Fields key{hsm4::json::member(section, "key")};
    auto point = hsm4::to_array<crypto::key_size>(key_part(key, "x"), "x");
    if (!point) key.complain("x", "is not 32 bytes");
    example.authenticator_size = crypto::signature_size;
    example.open = [point](View external, View message) {
        return cose::verify1(*point, external, message);
    };
    expect_same_sign1(example, key);
    return key.problem();
}

std::string read_example(json_object* vector, json_object* section, bool encrypted,
                         Example& example) {
    json_object* const input_object = hsm4::json::member(vector, "input");
    Fields input{input_object};
    Fields part{section};
    Fields output{hsm4::json::member(vector, "output")};
    example.must_fail = json_object_get_boolean(hsm4::json::member(vector, "fail")) != 0;
    example.other_profile = is_of_other_profile(input_object, section);
    example.plaintext = plaintext_of(input);
    example.external = part.hex_if_given("external");
    example.message = output.hex("cbor");
    for (const Fields* fields : {&input, &part, &output})
        if (!fields->problem().empty()) return fields->problem();
    return encrypted ? read_encrypt0(vector, example) : read_sign1(section, example);
}

bool is_refusal(const Result<Bytes>& opened) {
    return !opened &&
           (opened.error().code == Errc::malformed || opened.error().code == Errc::unauthentic);
}

/// Every byte of the tag or signature counts, and so does every byte of the external data.
bool damage_is_refused(const Example& example) {
    Bytes message = example.message;
    const std::size_t size = message.size();
    for (std::size_t at = size - example.authenticator_size; at < size; ++at) {
        message[at] ^= std::byte{1} << (at % 8);
        if (!is_refusal(example.open(example.external, message))) return false;
        message[at] = example.message[at];
    }
    Bytes external = example.external;
    external.push_back(std::byte{0});
    return is_refusal(example.open(external, message));
}

Verdict judge(const Example& example) {
    const auto opened = example.open(example.external, example.message);
    if (example.must_fail)
        return is_refusal(opened) ? vectors::passed() : vectors::failed("must be refused");
    if (example.other_profile) {
        if (!opened && opened.error().code == Errc::malformed)
            return vectors::skipped("no tag, or algorithm not protected: refused on purpose");
        return vectors::failed("is outside of the profile, but was not refused as malformed");
    }
    if (!opened) return vectors::failed(std::string{"is refused: "} + opened.error().where);
    if (*opened != example.plaintext) return vectors::failed("content differs");
    if (!damage_is_refused(example)) return vectors::failed("accepted with a flipped bit");
    if (!example.make_again) return vectors::passed();
    const auto made = example.make_again();
    if (!made) return vectors::failed(std::string{"does not encode: "} + made.error().where);
    if (*made != example.message) return vectors::failed("encodes to " + hsm4::to_hex(*made));
    return vectors::passed();
}

/// Empty for what this driver checks, otherwise the name of what it skips.
std::string foreign(const std::string& algorithm, json_object* section, bool encrypted) {
    const std::string structure = encrypted ? "COSE_Encrypt0 " : "COSE_Sign1 ";
    if (encrypted) {
        const bool known =
            algorithm == "A128GCM" || algorithm == "A192GCM" || algorithm == "A256GCM";
        return known ? "" : structure + algorithm;
    }
    json_object* const curve = hsm4::json::member(hsm4::json::member(section, "key"), "crv");
    const std::string name = curve == nullptr ? "no curve" : json_object_get_string(curve);
    const bool known = (algorithm == "EdDSA" || algorithm == "Ed25519") && name == "Ed25519";
    return known ? "" : structure + algorithm + " " + name;
}

std::string other_structure(json_object* input) {
    std::string names;
    for (const char* name : {"enveloped", "sign", "mac", "mac0"})
        if (hsm4::json::member(input, name) != nullptr) names = std::string{"structure "} + name;
    return names;
}

Verdict check(json_object* vector) {
    json_object* const input = hsm4::json::member(vector, "input");
    json_object* const encrypted = hsm4::json::member(input, "encrypted");
    json_object* const section =
        encrypted != nullptr ? encrypted : hsm4::json::member(input, "sign0");
    if (section == nullptr) {
        const std::string other = other_structure(input);
        if (!other.empty()) return vectors::skipped(other);
        return vectors::failed("input holds neither encrypted nor sign0");
    }
    const std::string other = foreign(algorithm_of(section), section, encrypted != nullptr);
    if (!other.empty()) return vectors::skipped(other);
    Example example;
    const std::string problem = read_example(vector, section, encrypted != nullptr, example);
    return problem.empty() ? judge(example) : vectors::failed(problem);
}

std::string name(json_object* vector) { return vectors::Fields{vector}.text("title"); }

}  // namespace

int main(int argc, char** argv) {
    return vectors::run({"cose-vectors FILE.json...", name, check}, argc, argv);
}
