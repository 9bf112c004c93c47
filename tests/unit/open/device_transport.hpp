// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A transport whose other end is the module's own code, in this process; it may spoil blocks.
#pragma once

#include <functional>
#include <optional>

#include "hsm4/device/device.hpp"
#include "hsm4/open/transport.hpp"
#include "tests/unit/device/test_memory.hpp"
#include "tests/unit/test_clock.hpp"

/// A module, its memory and its time.
struct TestModule {
    TestModule() {
        hsm4::device::State state;
        if (!hsm4::crypto::random_bytes(state.device_secret.writable())) return;
        auto made = hsm4::device::Device::start(std::move(state), memory, clock);
        if (made) device.emplace(std::move(*made));
    }
    TestMemory memory;
    TestClock clock;
    std::optional<hsm4::device::Device> device;
};

class DeviceTransport final : public hsm4::open::Transport {
public:
    /// Changes a block on its way; an empty one is lost.
    using Spoil = std::function<void(hsm4::Bytes&)>;

    explicit DeviceTransport(TestModule& module) : module_{&module} {}

    hsm4::Status acquire(const hsm4::Deadline& /*deadline*/) override {
        module_->device->end_exchange();
        waiting_.reset();
        ++exchanges;
        return hsm4::ok();
    }
    void release() noexcept override { module_->device->end_exchange(); }
    hsm4::Status write(hsm4::View frame, const hsm4::Deadline& /*deadline*/) override {
        hsm4::Bytes sent{frame.begin(), frame.end()};
        ++blocks;
        if (to_module) to_module(sent);
        if (!sent.empty()) waiting_ = module_->device->receive(sent);
        return hsm4::ok();
    }
    hsm4::Result<hsm4::Bytes> read(const hsm4::Deadline& deadline) override {
        if (waiting_ && to_host) to_host(*waiting_);
        if (waiting_ && !waiting_->empty()) {
            hsm4::Bytes frame = std::move(*waiting_);
            waiting_.reset();
            return frame;
        }
        waiting_.reset();
        module_->clock.pass(deadline.left());
        return hsm4::Error{hsm4::Errc::timeout, "test"};
    }
    void reset() noexcept override {}
    bool is_shared_bus() const noexcept override { return false; }

    Spoil to_module;
    Spoil to_host;
    int exchanges = 0;
    int blocks = 0;

private:
    TestModule* module_;
    std::optional<hsm4::Bytes> waiting_;
};
