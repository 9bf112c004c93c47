// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Where passphrases and PINs come from: files or questions, each at most once in a run.
#pragma once

#include <optional>

#include "hsm4/secret.hpp"
#include "tools/enroll/options.hpp"
#include "tools/enroll/problem.hpp"

namespace hsm4::enroll {

class Secrets {
public:
    explicit Secrets(const Options& options) : options_{&options} {}

    /// Borrowed until the next call.
    Outcome<View> existing_key(const std::string& device);
    Outcome<View> current_pin();
    /// 1 to 64 bytes; asked for twice.
    Outcome<View> new_pin();

private:
    Outcome<SecretBytes> question(const std::string& text, const char* instead) const;
    Outcome<SecretBytes> ask_new_pin() const;

    const Options* options_;
    std::optional<SecretBytes> key_;
    std::optional<SecretBytes> current_pin_;
    std::optional<SecretBytes> new_pin_;
};

}  // namespace hsm4::enroll
