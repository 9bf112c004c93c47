// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// Encrypting a partition where it lies, by libcryptsetup's reencryption, from a header in a file.
//
//   format_header     the header, in a file; key slots and tokens are added to it now, because
//                     none can be while an encryption is pending
//   (a copy of the file is kept: it is the header of the end as well)
//   begin             moves the first data_shift bytes behind the encrypted area; marks the file's
//                     header as pending. The start of the partition is still as it was
//   restore_header    writes the header over that start. May be repeated until the first run()
//   run               encrypts from the end to the start, resumes after a cut
//
// Each step may be repeated after a cut within it. Between begin() and the end the volume can be
// opened by each key slot and token of the header.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "hsm4/secret.hpp"
#include "tools/rootfs/cipher.hpp"
#include "tools/rootfs/layout.hpp"

namespace hsm4::rootfs {

/// A file of zeros in its full size on disk, durable: FAT allocates nothing later.
Done make_blank_file(const std::string& path, std::uint64_t size);
/// A copy likewise.
Done copy_durably(const std::string& from, const std::string& to);

struct HeaderShape {
    std::string device;  ///< the partition that will be encrypted
    std::string file;    ///< where the header is made
    std::string uuid;    ///< of the volume
    Cipher cipher;
    std::uint32_t sector_size = 512;  ///< of encryption; at most the file system's block size
};

/// Makes the file, of header_size bytes, and the header in it, without any key slot. The volume
/// key.
Outcome<SecretBytes> format_header(const HeaderShape& shape);

/// A key slot of the header, and what opens it.
struct Opener {
    int keyslot = 0;
    View passphrase;
};

/// `encrypted` bytes from the start of the device are to be encrypted, a multiple of 1 MiB. Behind
/// them data_shift bytes must be unused, and then header_size more or whatever the partition has.
/// Nothing happens when the file's header is pending already.
Done begin_encryption(const std::string& file, const std::string& device, const Opener& opener,
                      std::uint64_t encrypted);

Done restore_header(const std::string& file, const std::string& device);

enum class EncryptionState {
    none,     ///< no LUKS2 header
    pending,  ///< run() has work to do
    complete  ///< an encrypted volume like any other
};
/// Of a device, or of a header in a file.
Outcome<EncryptionState> encryption_state(const std::string& path);

/// Is told bytes done and bytes in all, now and then; false pauses (run() then returns a Problem,
/// and may be called again).
using Progress = std::function<bool(std::uint64_t done, std::uint64_t all)>;

/// Encrypts what is left. Done at once when nothing is pending. `encrypted` must be what
/// begin_encryption() was told: the header does not keep it, and another value loses data.
/// `finished` is a copy of the header's file as it was before begin_encryption(): libcryptsetup
/// cannot resume when a cut came between the last block and the end of its own tidying up, and this
/// is the header that it would have left.
Done run_encryption(const std::string& device, const Opener& opener, std::uint64_t encrypted,
                    const std::string& finished, const Progress& progress);

}  // namespace hsm4::rootfs
