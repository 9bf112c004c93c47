// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The worked example of hsm4-protocol(7), made by our own code from fixed keys: one line
// "name hex" for each value. A test compares it with the page and with the second implementation.
#include <cstdio>
#include <numeric>

#include "hsm4/cbor.hpp"
#include "hsm4/device/handshake.hpp"
#include "hsm4/device/keys.hpp"
#include "hsm4/identity.hpp"
#include "hsm4/open/handshake.hpp"
#include "hsm4/volume_binding.hpp"
#include "hsm4/wire/cose.hpp"
#include "hsm4/wire/protocol.hpp"
#include "tests/unit/scratch_directory.hpp"

namespace {

namespace noise = hsm4::wire::noise;
namespace t1 = hsm4::wire::t1;
namespace wire = hsm4::wire;
using hsm4::Bytes;
using hsm4::View;

constexpr std::string_view header_json = R"({
  "keyslots": {"1": {"type": "luks2", "area": {"type": "raw", "encryption": "aes-xts-plain64"}}},
  "segments": {"0": {"type": "crypt", "offset": "16777216", "size": "dynamic", "iv_tweak": "0",
                     "encryption": "aes-xts-plain64", "sector_size": 512}},
  "digests": {"0": {"type": "pbkdf2", "keyslots": ["1"], "segments": ["0"], "hash": "sha256",
                    "iterations": 1000, "salt": "EBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8=",
                    "digest": "MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk8="}},
  "config": {"json_size": "12288", "keyslots_size": "16744448"}})";
constexpr std::string_view uuid = "6d1f3b9a-2c47-4e0b-9d55-0f6e8a7b1c2d";
constexpr int keyslot = 1;
constexpr std::uint8_t slot = 0;

/// `N` bytes that count up from `first`.
template <std::size_t N>
hsm4::Array<N> counting(unsigned first) {
    hsm4::Array<N> bytes{};
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(first++);
    return bytes;
}
template <std::size_t N>
hsm4::Secret<N> counting_secret(unsigned first) {
    return hsm4::Secret<N>{counting<N>(first)};
}

void show(const char* name, View bytes) {
    std::printf("%s %s\n", name, hsm4::to_hex(bytes).c_str());
}

hsm4::crypto::KeyPair pair_of(unsigned first) {
    return std::move(*hsm4::crypto::x25519_from_secret(counting<32>(first)));
}

Bytes joined(std::initializer_list<View> parts) {
    Bytes bytes;
    for (const View part : parts) hsm4::append(bytes, part);
    return bytes;
}
View byte_of(const std::byte& value) { return View{&value, 1}; }

template <class E>
std::byte as_byte(E value) {
    return static_cast<std::byte>(value);
}

/// One I-block without chaining.
void show_block(const char* name, std::uint8_t nad, bool number, View message) {
    auto frame =
        t1::encode({nad, t1::information_pcb(number, false), {message.begin(), message.end()}});
    show(name, *frame);
}

void show_keys(const hsm4::device::Keys& keys) {
    show("channel_secret", keys.channel.secret.view());
    show("channel_key", keys.channel.public_key);
    show("sign_seed", keys.sign_secret.view());
    show("verify_key", keys.verify_key);
    show("seal_key", keys.seal_key.view());
    show("fingerprint", *wire::key_fingerprint(keys.channel.public_key, keys.verify_key));
    show("module_id", keys.module_id);
}

hsm4::Secret<32> show_psk(const hsm4::device::Keys& keys) {
    const ScratchDirectory scratch;
    const std::string serial = scratch.write("serial", std::string{"10000000abcdef01\0", 17});
    auto identity = hsm4::measure_identity({{"board-serial", serial}});
    show("identity", identity->view());
    auto psk = hsm4::derive_psk(counting<32>(0x20), identity->view(), keys.module_id, slot);
    show("psk", psk->view());
    return std::move(*psk);
}

noise::Transport show_handshake(const hsm4::device::Keys& keys, View psk) {
    const Bytes prologue = wire::prologue(wire::Clear::open_psk, slot, keys.module_id, {});
    show("prologue", prologue);
    constexpr auto pattern = noise::Pattern::nkpsk0;
    constexpr auto suite = noise::Suite::chachapoly_sha256;
    auto host = hsm4::open::Initiator::start(pattern, suite, prologue, keys.channel.public_key, psk,
                                             pair_of(0x40));
    auto module = hsm4::device::Responder::start(
        pattern, suite, prologue,
        hsm4::crypto::KeyPair{keys.channel.secret.clone(), keys.channel.public_key}, psk,
        pair_of(0x60));
    auto message1 = host->write_message1({});
    show("message1", *message1);
    const std::byte type = as_byte(wire::Clear::open_psk);
    const std::byte number{slot};
    show_block("block1", t1::nad_host, false, joined({byte_of(type), byte_of(number), *message1}));
    if (!module->read_message1(*message1)) std::abort();
    auto message2 = module->write_message2({});
    show("message2", *message2);
    show_block("block2", t1::nad_module, false, *message2);
    if (!host->read_message2(*message2)) std::abort();
    auto transport = host->split();
    show("handshake_hash", transport->handshake_hash);
    return std::move(*transport);
}

Bytes show_locked_key(const hsm4::device::Keys& keys, View binding) {
    auto plaintext = hsm4::cbor::encode(
        hsm4::cbor::array(hsm4::cbor::unsigned_integer(1), hsm4::cbor::unsigned_integer(1),
                          hsm4::cbor::unsigned_integer(0), hsm4::cbor::bytes(counting<64>(0x80))));
    show("sealed_plaintext", *plaintext);
    auto encrypted = wire::cose::encrypt0(keys.seal_key, counting<12>(0x00), binding, *plaintext);
    show("encrypt0", *encrypted);
    auto locked = wire::cose::sign1(keys.sign_secret, binding, *encrypted);
    show("locked_key", *locked);
    return std::move(*locked);
}

/// The command's two messages and their blocks.
void show_command(const char* name, noise::Transport& transport, bool number, View request,
                  View answer) {
    const std::string prefix{name};
    show((prefix + "_request").c_str(), request);
    auto sealed = transport.initiator_to_responder.encrypt_with_ad({}, request);
    show_block((prefix + "_request_block").c_str(), t1::nad_host, number, *sealed);
    show((prefix + "_answer").c_str(), answer);
    auto opened = transport.responder_to_initiator.encrypt_with_ad({}, answer);
    show_block((prefix + "_answer_block").c_str(), t1::nad_module, number, *opened);
}

void show_unlock(const hsm4::device::Keys& keys, noise::Transport& transport) {
    auto binding =
        hsm4::volume_binding(header_json, uuid, keyslot, keys.module_id, hsm4::SlotState::present);
    show("volume_binding", *binding);
    const Bytes locked = show_locked_key(keys, *binding);
    const std::byte opcode = as_byte(wire::Opcode::unlock);
    const std::byte status = as_byte(wire::Answer::ok);
    show_command("unlock", transport, true, joined({byte_of(opcode), *binding, locked}),
                 joined({byte_of(status), counting<64>(0x80)}));
}

void show_attest(const hsm4::device::Keys& keys, noise::Transport& transport) {
    constexpr auto state = std::byte{0x11};  // development, secure
    const auto nonce = counting<wire::attest_nonce_size>(0xc0);
    const Bytes text =
        wire::attested_text(keys.module_id, nonce, 0x11, 0, transport.handshake_hash);
    show("attested_text", text);
    auto signature = hsm4::crypto::ed25519_sign(keys.sign_secret.view(), text);
    const std::byte opcode = as_byte(wire::Opcode::attest);
    const std::byte status = as_byte(wire::Answer::ok);
    const hsm4::Array<4> generation{};
    show_command("attest", transport, false, joined({byte_of(opcode), nonce}),
                 joined({byte_of(status), byte_of(state), generation, *signature}));
}

}  // namespace

int main() {
    auto keys = hsm4::device::derive_keys(counting_secret<32>(0x00));
    if (!keys) return 1;
    show_keys(*keys);
    const auto psk = show_psk(*keys);
    auto transport = show_handshake(*keys, psk.view());
    show_unlock(*keys, transport);
    show_attest(*keys, transport);
    return 0;
}
