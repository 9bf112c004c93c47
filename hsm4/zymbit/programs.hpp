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

inline constexpr const char* unlock_program = "/sbin/zkunlockifs";

class Programs final : public Access {
public:
    /// `unlock`: path of zkunlockifs; the others lie beside it, or where programs usually lie.
    /// `clock` outlives the object.
    Programs(std::string unlock, VendorFiles files, Clock& clock, std::chrono::milliseconds budget);

    /// The serial number alone.
    Result<Identity> identify() override;
    /// No program tells: always `no_software`.
    Result<BindingInfo> binding() override;
    Result<Bytes> lock(View plaintext) override;
    Result<SecretBytes> unlock(View locked) override;
    Result<SecretBytes> random(std::size_t size) override;

private:
    std::string beside(const std::string& name) const;
    Result<SecretBytes> run(const std::string& program, const std::string& argument);
    Result<SecretBytes> run_with(const std::string& program, View content);

    std::string unlock_;
    VendorFiles files_;
    Clock* clock_;
    std::chrono::milliseconds budget_;
};

}  // namespace hsm4::zymbit
