// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Both halves of the handshake: what each of them insists on.
#include "hsm4/open/handshake.hpp"

#include "hsm4/device/handshake.hpp"
#include "tests/unit/cmocka_all.hpp"

using hsm4::Bytes;
using hsm4::Errc;
using hsm4::View;
using hsm4::device::Responder;
using hsm4::open::Initiator;
using hsm4::wire::noise::Pattern;

namespace {

constexpr auto suite = hsm4::wire::noise::Suite::chachapoly_sha256;
const hsm4::Array<32> psk{};

hsm4::crypto::KeyPair pair() { return std::move(*hsm4::crypto::x25519_generate()); }

/// Whether a handshake succeeds when the two ends disagree in one thing.
struct Ends {
    Bytes here;   ///< the host's prologue
    Bytes there;  ///< the module's
    hsm4::Array<32> host_psk{};
    std::size_t flip1 = SIZE_MAX;  ///< bit of message 1
    std::size_t flip2 = SIZE_MAX;

    bool agree() const {
        auto own = pair();
        auto host = Initiator::start(Pattern::nkpsk0, suite, here, own.public_key, host_psk);
        auto module = Responder::start(Pattern::nkpsk0, suite, there, std::move(own), psk);
        auto message1 = *host->write_message1({});
        if (flip1 != SIZE_MAX) message1[flip1 / 8] ^= std::byte{1} << (flip1 % 8);
        if (!module->read_message1(message1)) return false;
        auto message2 = *module->write_message2({});
        if (flip2 != SIZE_MAX) message2[flip2 / 8] ^= std::byte{1} << (flip2 % 8);
        return static_cast<bool>(host->read_message2(message2));
    }
};

}  // namespace

static void ends_that_agree_succeed(void** /*state*/) { assert_true(Ends{}.agree()); }

static void ends_that_disagree_do_not(void** /*state*/) {
    Ends ends;
    ends.here = *hsm4::from_hex("00");
    assert_false(ends.agree());
    ends = {};
    ends.host_psk[31] = std::byte{1};
    assert_false(ends.agree());
}

static void any_bit_changed_is_noticed(void** /*state*/) {
    for (std::size_t bit = 0; bit < 8 * 48; ++bit) {
        // X25519 ignores the highest bit of a key, but the transcript does not.
        assert_false((Ends{{}, {}, {}, bit, SIZE_MAX}.agree()));
        assert_false((Ends{{}, {}, {}, SIZE_MAX, bit}.agree()));
    }
}

static void keys_must_fit_the_pattern(void** /*state*/) {
    const auto own = pair();
    const std::optional<hsm4::crypto::PublicKey> key = own.public_key;
    const auto host = [&](Pattern pattern, bool with_key, std::optional<View> secret) {
        return static_cast<bool>(
            Initiator::start(pattern, suite, {}, with_key ? key : std::nullopt, secret));
    };
    assert_true(host(Pattern::nn, false, {}) && host(Pattern::nk, true, {}));
    assert_true(host(Pattern::nkpsk0, true, psk));
    assert_false(host(Pattern::nn, true, {}) || host(Pattern::nk, false, {}));
    assert_false(host(Pattern::nk, true, psk) || host(Pattern::nkpsk0, true, {}));
    assert_false(host(Pattern::nkpsk0, true, View{psk}.first(31)));
    assert_false(static_cast<bool>(Responder::start(Pattern::nk, suite, {}, {}, {})));
    assert_false(static_cast<bool>(Responder::start(Pattern::nn, suite, {}, pair(), {})));
    assert_false(static_cast<bool>(
        Responder::start(Pattern::nkpsk0, suite, {}, pair(), View{psk}.first(31))));
}

static void short_messages_are_refused(void** /*state*/) {
    for (std::size_t size = 0; size < 48; ++size) {
        auto own = pair();
        auto host = Initiator::start(Pattern::nk, suite, {}, own.public_key, {});
        auto module = Responder::start(Pattern::nk, suite, {}, std::move(own), {});
        const Bytes message1 = *host->write_message1({});
        assert_false(static_cast<bool>(module->read_message1(View{message1}.first(size))));
        assert_false(static_cast<bool>(host->read_message2(Bytes(size, std::byte{9}))));
    }
}

static void an_answer_needs_its_question(void** /*state*/) {
    auto module = Responder::start(Pattern::nk, suite, {}, pair(), {});
    assert_true(module->write_message2({}).error().code == Errc::usage);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(ends_that_agree_succeed),
        cmocka_unit_test(ends_that_disagree_do_not),
        cmocka_unit_test(any_bit_changed_is_noticed),
        cmocka_unit_test(keys_must_fit_the_pattern),
        cmocka_unit_test(short_messages_are_refused),
        cmocka_unit_test(an_answer_needs_its_question),
    };
    return cmocka_run_group_tests_name("handshake", tests, nullptr, nullptr);
}
