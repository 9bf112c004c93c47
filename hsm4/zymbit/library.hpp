// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The vendor's library, for the running system, where its daemon zkifc owns the module.
#pragma once

#include "hsm4/clock.hpp"
#include "hsm4/zymbit/access.hpp"
#include "hsm4/zymbit/calls.hpp"
#include "hsm4/zymbit/vendor_files.hpp"

namespace hsm4::zymbit {

/// Each call is a child process that loads the library afresh, so that no hang, thread or crash of
/// it is the caller's.
class Library final : public Access {
public:
    /// `path`: a file, or a name for dlopen's search. `clock` outlives the object.
    Library(std::string path, VendorFiles files, Clock& clock, std::chrono::milliseconds budget);

    Result<Identity> identify() override;
    Result<State> state() override;
    Result<Bytes> lock(View plaintext) override;
    Result<SecretBytes> unlock(View locked) override;
    Result<SecretBytes> random(std::size_t size) override;
    Status led(const LedOrder& order) override;
    Result<PerimeterTimes> perimeter() override;
    Status clear_perimeter(std::uint32_t known) override;
    Status set_perimeter_action(std::uint8_t channel, PerimeterAction action) override;

private:
    Result<SecretBytes> call(const Operation& operation);
    /// A call that has nothing to give.
    Status order(const Operation& operation);

    std::string path_;
    VendorFiles files_;
    Clock* clock_;
    std::chrono::milliseconds budget_;
};

}  // namespace hsm4::zymbit
