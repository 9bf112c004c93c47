// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Escrow: the recovery key for the holders of certificates, as CMS EnvelopedData (RFC 5652) in PEM.
// `openssl cms -decrypt -inform PEM` alone gets it back.
#pragma once

#include <string>
#include <vector>

#include "hsm4/crypto.hpp"
#include "tools/enroll/problem.hpp"

namespace hsm4::enroll {

/// Encrypts `secret` for each of the PEM certificates in `files`: RSA by OAEP, EC by ECDH.
/// Validity dates are not looked at: a machine that is being made may have no clock yet.
Outcome<std::string> envelop(View secret, const std::vector<std::string>& files);

/// Where the escrow of the volume `uuid` goes: %u in `pattern` stands for it.
std::string escrow_path(const std::string& pattern, const std::string& uuid);

/// Removes `path` when it is the file with this hash: the escrow of a key that never counted.
Done remove_stale_escrow(const std::string& path, const crypto::Hash& hash);

}  // namespace hsm4::enroll
