// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// What the preflight has to say.
#pragma once

#include <string>
#include <vector>

namespace hsm4::rootfs {

enum class Severity {
    good,     ///< checked, and as it should be
    note,     ///< worth knowing
    warning,  ///< goes on, but something asks for attention
    refusal,  ///< the conversion would not begin
};

struct Finding {
    Severity severity;
    const char* check;   ///< stable name, for programs
    std::string what;    ///< what was found
    std::string advice;  ///< what to do about it; empty when nothing needs to be done
};

/// "good", "note", "warning", "refusal".
const char* name_of(Severity severity) noexcept;

class Findings {
public:
    void good(const char* check, std::string what) {
        list_.push_back({Severity::good, check, std::move(what), {}});
    }
    void note(const char* check, std::string what) {
        list_.push_back({Severity::note, check, std::move(what), {}});
    }
    void warn(const char* check, std::string what, std::string advice) {
        list_.push_back({Severity::warning, check, std::move(what), std::move(advice)});
    }
    void refuse(const char* check, std::string what, std::string advice) {
        list_.push_back({Severity::refusal, check, std::move(what), std::move(advice)});
    }

    const std::vector<Finding>& list() const noexcept { return list_; }
    bool refused() const noexcept;

private:
    std::vector<Finding> list_;
};

}  // namespace hsm4::rootfs
