// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A transport that plays a script: what the host must send, and what it gets. Time passes only on
// its\n// clock.
#pragma once

#include <deque>

#include "hsm4/open/transport.hpp"
#include "hsm4/wire/t1.hpp"
#include "tests/unit/test_clock.hpp"

class ScriptedTransport final : public hsm4::open::Transport {
public:
    struct Step {
        enum class Kind {
            expect,  ///< the host writes exactly these bytes
            answer,  ///< the host reads these bytes
            fail     ///< the host reads, and gets this error
        } kind;
        hsm4::Bytes bytes;
        hsm4::Errc code = hsm4::Errc::timeout;
        std::chrono::microseconds after{0};  ///< how long it takes
    };

    ScriptedTransport(TestClock& clock, std::deque<Step> script, bool shared_bus = false)
        : clock_{&clock}, script_{std::move(script)}, shared_bus_{shared_bus} {}

    hsm4::Status acquire(const hsm4::Deadline& /*deadline*/) override {
        ++acquired;
        return hsm4::ok();
    }
    void release() noexcept override { ++released; }
    hsm4::Status write(hsm4::View frame, const hsm4::Deadline& /*deadline*/) override {
        if (script_.empty() || script_.front().kind != Step::Kind::expect ||
            !std::ranges::equal(script_.front().bytes, frame))
            return surprised();
        script_.pop_front();
        return hsm4::ok();
    }
    hsm4::Result<hsm4::Bytes> read(const hsm4::Deadline& deadline) override {
        if (script_.empty() || script_.front().kind == Step::Kind::expect)
            return surprised().error();
        Step step = std::move(script_.front());
        script_.pop_front();
        waited = deadline.left();
        if (step.kind == Step::Kind::answer && step.after <= waited) {
            clock_->pass(step.after);
            return std::move(step.bytes);
        }
        if (step.code == hsm4::Errc::timeout) clock_->pass(waited);
        return hsm4::Error{step.code, "script"};
    }
    void reset() noexcept override { ++resets; }
    bool is_shared_bus() const noexcept override { return shared_bus_; }

    /// The whole script was played, and nothing else happened.
    bool satisfied() const { return script_.empty() && !surprise_; }

    int acquired = 0;
    int released = 0;
    int resets = 0;
    std::chrono::microseconds waited{0};  ///< what the last read was given

private:
    hsm4::Status surprised() {
        surprise_ = true;
        return hsm4::Error{hsm4::Errc::io, "not in the script"};
    }

    TestClock* clock_;
    std::deque<Step> script_;
    bool shared_bus_;
    bool surprise_ = false;
};

namespace script {

using Step = ScriptedTransport::Step;
namespace t1 = hsm4::wire::t1;

inline hsm4::Bytes block(std::uint8_t nad, std::uint8_t pcb, hsm4::View inf) {
    return *t1::encode({nad, pcb, {inf.begin(), inf.end()}});
}
inline Step expect(std::uint8_t pcb, hsm4::View inf = {}) {
    return {Step::Kind::expect, block(t1::nad_host, pcb, inf)};
}
inline Step answer(std::uint8_t pcb, hsm4::View inf = {}) {
    return {Step::Kind::answer, block(t1::nad_module, pcb, inf)};
}
/// The same with one bit wrong.
inline Step damaged(std::uint8_t pcb, hsm4::View inf = {}) {
    Step step = answer(pcb, inf);
    step.bytes.back() ^= std::byte{1};
    return step;
}
inline Step raw(hsm4::Bytes bytes) { return {Step::Kind::answer, std::move(bytes)}; }
inline Step fail(hsm4::Errc code) { return {Step::Kind::fail, {}, code}; }
inline Step silence() { return fail(hsm4::Errc::timeout); }

// The blocks by their names in hsm4-protocol(7).
constexpr std::uint8_t I0 = 0x00;
constexpr std::uint8_t I1 = 0x40;
constexpr std::uint8_t I0_more = 0x20;
constexpr std::uint8_t I1_more = 0x60;
constexpr std::uint8_t R0 = 0x80;
constexpr std::uint8_t R1 = 0x90;
constexpr std::uint8_t R0_crc = 0x81;
constexpr std::uint8_t R0_other = 0x82;
constexpr std::uint8_t R1_crc = 0x91;
constexpr std::uint8_t R1_other = 0x92;
constexpr std::uint8_t resynch = 0xc0;
constexpr std::uint8_t resynch_done = 0xe0;
constexpr std::uint8_t ifs = 0xc1;
constexpr std::uint8_t ifs_done = 0xe1;
constexpr std::uint8_t stop = 0xc2;  // ABORT
constexpr std::uint8_t stopped = 0xe2;
constexpr std::uint8_t wtx = 0xc3;
constexpr std::uint8_t wtx_done = 0xe3;

}  // namespace script
