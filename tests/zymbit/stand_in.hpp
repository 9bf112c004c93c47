// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// A module that stands in for a Zymbit module, for tests only: keys and their derivation are the
// emulator's, everything around is made after the vendor's published interface. No security.
//
// It lives in the directory $HSM4_TEST_ZYMBIT (default: /var/lib/zymbit/stand-in):
//   state     of the device core
//   defects   words, see StandIn::has(); absent: a healthy module bound in development
//   wake-pin  when present: the number that ZK_GPIO_WAKE_PIN must have for the programs
//   calls     a line for each call that was made
#pragma once

#include <optional>
#include <set>
#include <string>

#include "hsm4/device/core.hpp"
#include "hsm4/device/store.hpp"

namespace stand_in {

enum class Key {
    one_way,
    shared
};

class StandIn {
public:
    StandIn();

    const std::string& directory() const { return directory_; }
    /// hang, hang-open, hang-close, timeout, refuse, crash, noise, unverified, unverified-output,
    /// unbound, foreign, production, wrapper, leftover-thread, child, flaky-N, empty, opened (a
    /// perimeter event), deaf (no binding info).
    bool has(const std::string& defect) const { return defects_.contains(defect); }
    void log(const std::string& call) const;

    /// 0, or the negative number that a call must end with now. Hangs and crashes where told to.
    int misbehave() const;
    std::optional<hsm4::Bytes> lock(hsm4::View plaintext, Key key) const;
    std::optional<hsm4::SecretBytes> unlock(hsm4::View locked, Key key) const;

private:
    bool is_flaky_now() const;

    std::string directory_;
    std::set<std::string> defects_;
};

[[noreturn]] void hang();

}  // namespace stand_in
