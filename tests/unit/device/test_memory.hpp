// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Non-volatile memory of a module under test: keeps what was saved last, and can be made to fail.
#pragma once

#include "hsm4/device/state.hpp"

class TestMemory final : public hsm4::device::NonVolatile {
public:
    hsm4::Status save(const hsm4::device::State& state) override {
        if (broken) return hsm4::Error{hsm4::Errc::io, "memory under test"};
        auto encoded = hsm4::device::encode_state(state);
        if (!encoded) return encoded.error();
        saved = std::move(*encoded);
        ++saves;
        return hsm4::ok();
    }
    /// What the module would find after losing its power.
    hsm4::device::State load() const {
        return std::move(*hsm4::device::decode_state(saved.view()));
    }

    bool broken = false;
    int saves = 0;
    hsm4::SecretBytes saved;
};
