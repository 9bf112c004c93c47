// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The vendor's stand-alone programs zkunlockifs, zklockifs and zkgrifs, for the initramfs: they
// drive the module themselves, so the vendor's daemon must not run beside them.
#pragma once

#include <vector>

#include "hsm4/clock.hpp"
#include "hsm4/zymbit/access.hpp"
#include "hsm4/zymbit/vendor_files.hpp"

namespace hsm4::zymbit {

class Programs final : public Access {
public:
    /// `unlock`: path of zkunlockifs; the others lie beside it, or where programs usually lie.
    /// `clock` outlives the object.
    Programs(std::string unlock, VendorFiles files, Clock& clock, std::chrono::milliseconds budget);

    /// The serial number alone.
    Result<Identity> identify() override;
    Result<Bytes> lock(View plaintext) override;
    Result<SecretBytes> unlock(View locked) override;
    Result<SecretBytes> random(std::size_t size) override;

    // No program does these: always `no_software`.
    Result<State> state() override;
    Status led(const LedOrder& order) override;
    Result<PerimeterTimes> perimeter() override;
    Status clear_perimeter(std::uint32_t known) override;
    Status set_perimeter_action(std::uint8_t channel, PerimeterAction action) override;

private:
    std::string beside(const std::string& name) const;
    void wait_for_network_card(const Deadline& deadline);
    Result<SecretBytes> run(const std::string& program, const std::string& argument);
    Result<SecretBytes> run_with(const std::string& program, View content);

    std::string unlock_;
    VendorFiles files_;
    Clock* clock_;
    std::chrono::milliseconds budget_;
};

}  // namespace hsm4::zymbit
