// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A stand-in module of a test's own, and the vendor's files around it.
#pragma once

#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "hsm4/zymbit/choose.hpp"
#include "hsm4/zymbit/zymbit_module.hpp"
#include "tests/unit/scratch_directory.hpp"

/// Time passes, but nobody waits for it.
class HastyClock final : public hsm4::Clock {
public:
    Time now() const override { return real_.now() + skipped_; }
    void sleep(std::chrono::microseconds time) override {
        skipped_ += time;
        ++sleeps_;
    }
    int sleeps() const { return sleeps_; }

private:
    hsm4::SystemClock real_;
    std::chrono::microseconds skipped_{0};
    int sleeps_ = 0;
};

class StandInFixture {
public:
    explicit StandInFixture(const std::string& defects = "") {
        scratch_.write("module/defects", defects);
        scratch_.write("run/here", "");
        scratch_.write("proc/1/stat", "1 (init) S 0");
        scratch_.write("net/eth0/address", "b8:27:eb:00:00:01");
        ::setenv("HSM4_TEST_ZYMBIT", scratch_.path("module").c_str(), 1);
    }

    hsm4::zymbit::VendorFiles files() const {
        hsm4::zymbit::VendorFiles files;
        files.state = scratch_.path("zymbit");
        files.proc = scratch_.path("proc");
        files.run = scratch_.path("run");
        files.network = scratch_.path("net");
        return files;
    }
    std::unique_ptr<hsm4::zymbit::Access> access(hsm4::Uri::Kind kind, const std::string& name) {
        return hsm4::zymbit::open_access({kind, std::string{STAND_IN "/"} + name}, files(), clock_,
                                         budget_);
    }
    hsm4::zymbit::ZymbitModule module(hsm4::Uri::Kind kind, const std::string& name) {
        return hsm4::zymbit::ZymbitModule{access(kind, name)};
    }
    hsm4::zymbit::ZymbitModule library(const std::string& name = "libzk_app_utils.so") {
        return module(hsm4::Uri::Kind::zymbit, name);
    }
    hsm4::zymbit::ZymbitModule programs() {
        return module(hsm4::Uri::Kind::zymbit_exec, "zkunlockifs");
    }

    void set_defects(const std::string& defects) { scratch_.write("module/defects", defects); }
    void set_budget(std::chrono::milliseconds budget) { budget_ = budget; }
    std::string calls() const { return scratch_.read("module/calls"); }
    int count_calls(const std::string& call) const {
        int count = 0;
        const std::string all = calls();
        for (auto at = all.find(call); at != all.npos; at = all.find(call, at + 1)) ++count;
        return count;
    }
    ScratchDirectory& scratch() { return scratch_; }
    HastyClock& clock() { return clock_; }

    static bool has_no_child() { return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

private:
    ScratchDirectory scratch_;
    HastyClock clock_;
    std::chrono::milliseconds budget_{10'000};
};
