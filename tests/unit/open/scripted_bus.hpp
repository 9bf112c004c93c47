// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// An I2C bus that plays a script: one line for each access, in order. What comes otherwise than
// written is remembered, and satisfied() says so.
#pragma once

#include <deque>
#include <utility>

#include "hsm4/open/i2c_bus.hpp"
#include "hsm4/wire/t1.hpp"

/// One access and the kernel's answer to it.
struct Access {
    enum class Kind {
        probe,
        write,
        read
    } kind;
    int answer;         ///< 1, 0, or a negative errno; of a probe the byte, or a negative errno
    hsm4::Bytes bytes;  ///< expected of a write, given by a read
};

inline Access probe(int answer) { return {Access::Kind::probe, answer, {}}; }
inline Access write(hsm4::Bytes bytes, int answer = 1) {
    return {Access::Kind::write, answer, std::move(bytes)};
}
inline Access read(hsm4::Bytes bytes) { return {Access::Kind::read, 1, std::move(bytes)}; }
/// A read of any size that the kernel answers so.
inline Access no_read(int answer) { return {Access::Kind::read, answer, {}}; }

inline hsm4::Bytes frame(std::uint8_t nad, std::uint8_t pcb, hsm4::Bytes inf = {}) {
    return *hsm4::wire::t1::encode({nad, pcb, std::move(inf)});
}

/// What the test looks at after the transport has gone.
struct ScriptedBusState {
    std::deque<Access> script;
    hsm4::Status opens = hsm4::ok();
    int locked_elsewhere = 0;   ///< so many times another process still has the bus
    bool last_repeats = false;  ///< the bus stays for ever as its last line says
    bool open = false;
    bool violated = false;
    int accesses = 0;

    bool satisfied() const { return !violated && !open && script.size() == (last_repeats ? 1 : 0); }
};

class ScriptedBus final : public hsm4::open::I2cBus {
public:
    explicit ScriptedBus(ScriptedBusState& state) : state_{&state} {}

    hsm4::Status open() override {
        if (state_->opens) state_->open = true;
        return state_->opens;
    }
    hsm4::Result<bool> try_lock() override {
        if (state_->locked_elsewhere == 0) return true;
        --state_->locked_elsewhere;
        return false;
    }
    void close() noexcept override { state_->open = false; }

    int probe() noexcept override { return next(Access::Kind::probe).answer; }
    int write(hsm4::View bytes) noexcept override {
        const Access access = next(Access::Kind::write);
        if (!std::ranges::equal(access.bytes, bytes)) state_->violated = true;
        return access.answer;
    }
    int read(std::span<std::byte> bytes) noexcept override {
        const Access access = next(Access::Kind::read);
        if (access.answer != 1) return access.answer;
        if (access.bytes.size() != bytes.size()) state_->violated = true;
        std::copy_n(access.bytes.begin(), std::min(access.bytes.size(), bytes.size()),
                    bytes.begin());
        return 1;
    }

private:
    Access next(Access::Kind kind) noexcept {
        ++state_->accesses;
        const bool fits =
            state_->open && !state_->script.empty() && state_->script.front().kind == kind;
        if (!fits) {
            state_->violated = true;
            return {kind, -EBADMSG, {}};
        }
        Access access = std::move(state_->script.front());
        if (state_->last_repeats && state_->script.size() == 1) state_->script.push_back(access);
        state_->script.pop_front();
        return access;
    }

    ScriptedBusState* state_;
};
