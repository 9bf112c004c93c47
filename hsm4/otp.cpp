// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Running the firmware's HMAC program, bounded in time.
#include "hsm4/otp.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <string_view>

#include "hsm4/crypto.hpp"
#include "hsm4/files.hpp"
#include "hsm4/program.hpp"

namespace hsm4 {

namespace {

constexpr std::string_view message = "hsm4 identity v1";
constexpr std::chrono::seconds time_limit{5};

Error missing() { return Error{Errc::identity, "OTP device key"}; }

/// The path by which a child that inherits `file` opens it; memory only, never the card.
std::string inherited_path(const Descriptor& file) {
    return "/proc/self/fd/" + std::to_string(file.get());
}

bool run(const std::string& program, const std::string& in, const std::string& out) {
    Surroundings bare;
    bare.keeps_environment = false;
    return run_program({program, "hmac", "--in", in, "--key-id", "1", "--out", out}, bare,
                       time_limit) == Ending::success;
}

}  // namespace

Result<SecretBytes> otp_hmac(const std::string& program) {
    if (::access(program.c_str(), X_OK) != 0) return missing();
    // Not close-on-exec: the child opens them through /proc/self/fd.
    const Descriptor in{::memfd_create("hsm4-in", 0)};
    const Descriptor out{::memfd_create("hsm4-out", 0)};
    if (!in || !out ||
        ::write(in.get(), message.data(), message.size()) != static_cast<ssize_t>(message.size()))
        return missing();
    if (!run(program, inherited_path(in), inherited_path(out))) return missing();
    auto result = read_file(inherited_path(out), crypto::hash_size);
    if (!result || result->size() != crypto::hash_size) return missing();
    return result;
}

}  // namespace hsm4
