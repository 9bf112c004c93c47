// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Which of the vendor's software can work here.
#pragma once

#include <memory>

#include "hsm4/clock.hpp"
#include "hsm4/uri.hpp"
#include "hsm4/zymbit/access.hpp"
#include "hsm4/zymbit/vendor_files.hpp"

namespace hsm4::zymbit {

/// What a URI of kind zymbit or zymbit_exec leads to.
struct Choice {
    Uri::Kind kind = Uri::Kind::zymbit;
    std::string path;  ///< never empty
};

/// "zymbit:" is the library; but the programs where there is none (initramfs), or where zkifc does
/// not run, without which the library of the usual places cannot work. A path is followed if what
/// it names is there.
Choice choose(const Uri& uri, const VendorFiles& files);

std::unique_ptr<Access> open_access(const Choice& choice, const VendorFiles& files, Clock& clock,
                                    std::chrono::milliseconds budget);

}  // namespace hsm4::zymbit
