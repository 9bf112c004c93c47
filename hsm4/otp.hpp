// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The Raspberry Pi's OTP device key, through the firmware's HMAC program: the key itself is never
// read.
#pragma once

#include <string>

#include "hsm4/secret.hpp"

namespace hsm4 {

inline constexpr const char* otp_program = "/usr/bin/rpi-fw-crypto";

/// HMAC-SHA256 of "hsm4 identity v1" under the device key, by `program` (its command line is
/// `hmac --in FILE --key-id 1 --out FILE`, raspberrypi/utils). Killed after five seconds.
/// `identity` when there is no such program, no key is provisioned, or it fails.
Result<SecretBytes> otp_hmac(const std::string& program);

}  // namespace hsm4
