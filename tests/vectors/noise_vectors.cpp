// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// noise-vectors FILE.json...: both halves of the handshake and the transport messages, against
// vectors in cacophony's JSON schema. Names of other patterns and suites are skipped.
#include <algorithm>
#include <optional>

#include "tests/vectors/noise_session.hpp"
#include "tests/vectors/vector_file.hpp"

using vectors::Message;
using vectors::NoiseSession;
using vectors::NoiseVector;
using vectors::Verdict;

namespace noise = hsm4::wire::noise;

namespace {

std::optional<std::pair<noise::Pattern, noise::Suite>> parse_name(std::string_view name) {
    for (auto pattern : {noise::Pattern::nn, noise::Pattern::nk, noise::Pattern::nkpsk0})
        for (auto suite : {noise::Suite::chachapoly_sha256, noise::Suite::aesgcm_sha256})
            if (noise::protocol_name(pattern, suite) == name) return {{pattern, suite}};
    return std::nullopt;
}

/// The one pre-shared key, from a list of one.
hsm4::Bytes read_psk(vectors::Fields& fields, const char* name) {
    json_object* const list = fields.member(name);
    if (!json_object_is_type(list, json_type_array) || json_object_array_length(list) != 1) {
        fields.complain(name, list == nullptr ? "is missing" : "is not a list of one key");
        return {};
    }
    auto text = hsm4::json::text(json_object_array_get_idx(list, 0), {hsm4::Errc::malformed, name});
    auto key = hsm4::from_hex(text ? *text : "?");
    if (!key || key->size() != hsm4::crypto::key_size) {
        fields.complain(name, "is not 32 bytes in hexadecimal");
        return {};
    }
    return *key;
}

hsm4::crypto::PublicKey read_remote_static(vectors::Fields& fields, const NoiseVector& vector) {
    if (fields.has("init_remote_static")) return fields.array<32>("init_remote_static");
    auto pair = hsm4::crypto::x25519_from_secret(vector.resp_static);
    return pair ? pair->public_key : hsm4::crypto::PublicKey{};
}

/// Without "from" the ends take turns, the initiator first.
bool read_sender(vectors::Fields& fields, std::size_t index) {
    if (!fields.has("from")) return index % 2 == 0;
    const std::string from = fields.text("from");
    const bool from_initiator = from == "init" || from == "initiator";
    if (!from_initiator && from != "resp" && from != "responder")
        fields.complain("from", "is neither init nor resp");
    if (index < 2 && from_initiator != (index == 0))
        fields.complain("from", "does not fit the pattern");
    return from_initiator;
}

void read_messages(vectors::Fields& fields, NoiseVector& vector) {
    json_object* const list = fields.member("messages");
    if (!json_object_is_type(list, json_type_array) || json_object_array_length(list) < 2)
        return fields.complain("messages", "does not hold the two handshake messages");
    for (std::size_t at = 0; at < json_object_array_length(list); ++at) {
        vectors::Fields message{json_object_array_get_idx(list, at)};
        vector.messages.push_back(
            {message.hex("payload"), message.hex("ciphertext"), read_sender(message, at)});
        if (!message.problem().empty())
            fields.complain(("message " + std::to_string(at + 1) + ":").c_str(),
                            message.problem().c_str());
    }
}

void read_vector(vectors::Fields& fields, NoiseVector& vector) {
    vector.init_prologue = fields.hex_if_given("init_prologue");
    vector.resp_prologue = fields.hex_if_given("resp_prologue");
    vector.init_ephemeral = fields.array<32>("init_ephemeral");
    vector.resp_ephemeral = fields.array<32>("resp_ephemeral");
    if (vector.pattern != noise::Pattern::nn) {
        vector.resp_static = fields.array<32>("resp_static");
        vector.init_remote_static = read_remote_static(fields, vector);
    }
    if (vector.pattern == noise::Pattern::nkpsk0) {
        vector.init_psk = read_psk(fields, "init_psks");
        vector.resp_psk = read_psk(fields, "resp_psks");
    }
    if (fields.has("handshake_hash"))
        vector.handshake_hash = fields.array<hsm4::crypto::hash_size>("handshake_hash");
    read_messages(fields, vector);
}

std::string number(std::size_t index) { return "message " + std::to_string(index + 1) + ": "; }

/// The sender makes the ciphertext, and the receiver finds the payload in it.
std::string play(NoiseSession& session, const NoiseVector& vector, std::size_t index) {
    const Message& message = vector.messages[index];
    auto made = session.write(index, message.from_initiator, message.payload);
    if (!made) return number(index) + "sender fails: " + made.error().where;
    if (*made != message.ciphertext)
        return number(index) + "ciphertext differs: " + hsm4::to_hex(*made);
    auto read = session.read(index, message.from_initiator, message.ciphertext);
    if (!read) return number(index) + "receiver refuses it: " + read.error().where;
    if (!std::ranges::equal(read->view(), message.payload))
        return number(index) + "payload differs";
    return {};
}

std::string play_all(const NoiseVector& vector) {
    auto session = NoiseSession::start(vector);
    if (!session) return std::string{"handshake does not start: "} + session.error().where;
    for (std::size_t at = 0; at < vector.messages.size(); ++at)
        if (std::string problem = play(*session, vector, at); !problem.empty()) return problem;
    if (session->initiator_hash() != session->responder_hash())
        return "the ends disagree on the handshake hash";
    if (vector.handshake_hash && session->initiator_hash() != *vector.handshake_hash)
        return "handshake_hash differs: " + hsm4::to_hex(session->initiator_hash());
    return {};
}

/// The message with one wrong bit, after everything before it went well.
bool damaged_is_refused(const NoiseVector& vector, std::size_t index, std::size_t place) {
    auto session = NoiseSession::start(vector);
    if (!session) return false;
    for (std::size_t at = 0; at < index; ++at)
        if (!play(*session, vector, at).empty()) return false;
    const Message& message = vector.messages[index];
    if (!session->write(index, message.from_initiator, message.payload)) return false;
    hsm4::Bytes damaged = message.ciphertext;
    damaged[place] ^= std::byte{1} << (place % 8);
    return !session->read(index, message.from_initiator, damaged);
}

std::string check_damage(const NoiseVector& vector) {
    for (std::size_t at = 0; at < vector.messages.size(); ++at) {
        const std::size_t size = vector.messages[at].ciphertext.size();
        // The first message of NN is in clear: what is wrong in it shows in the second.
        if (at == 0 && vector.pattern == noise::Pattern::nn) continue;
        for (const std::size_t place : {std::size_t{0}, size / 2, size - 1})
            if (!damaged_is_refused(vector, at, place))
                return number(at) + "accepted with a flipped bit";
    }
    return {};
}

std::string name(json_object* vector) {
    vectors::Fields fields{vector};
    return fields.text(fields.has("protocol_name") ? "protocol_name" : "name");
}

Verdict check(json_object* json) {
    const std::string protocol = name(json);
    if (protocol.empty()) return vectors::failed("protocol_name is missing");
    const auto known = parse_name(protocol);
    if (!known) return vectors::skipped(protocol);
    NoiseVector vector;
    std::tie(vector.pattern, vector.suite) = *known;
    vectors::Fields fields{json};
    read_vector(fields, vector);
    if (!fields.problem().empty()) return vectors::failed(fields.problem());
    if (std::string problem = play_all(vector); !problem.empty()) return vectors::failed(problem);
    if (std::string problem = check_damage(vector); !problem.empty())
        return vectors::failed(problem);
    return vectors::passed();
}

}  // namespace

int main(int argc, char** argv) {
    return vectors::run({"noise-vectors FILE.json...", name, check}, argc, argv);
}
