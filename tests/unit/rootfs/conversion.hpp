// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
// An image that is encrypted as a partition would be, and every byte of which is known.
#pragma once

#include <libcryptsetup.h>
#include <openssl/evp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "hsm4/files.hpp"
#include "tests/unit/scratch_directory.hpp"
#include "tools/enroll/new_way.hpp"
#include "tools/enroll/volume.hpp"
#include "tools/rootfs/encryption.hpp"
#include "tools/rootfs/plan.hpp"
// Last: its macros.
#include "tests/unit/cmocka_all.hpp"

namespace rootfs = hsm4::rootfs;
using hsm4::Bytes;
using hsm4::View;
using hsm4::view_of;
using hsm4::rootfs::EncryptionState;
using hsm4::rootfs::mebibyte;

inline constexpr std::uint64_t device_size = 64 * mebibyte;
inline constexpr std::uint64_t encrypted = 24 * mebibyte;
/// Of this process alone: libcryptsetup's lock against a second re-encryption goes by it.
inline const std::string uuid = [] {
    const std::string number = std::to_string(::getpid());
    return "5f3d1e0c-6d1b-4d8e-9d0a-" + std::string(12 - number.size(), '0') + number;
}();
inline constexpr const char* passphrases[] = {"of the module", "of the recovery key"};

inline void say(const hsm4::enroll::Done& result) {
    if (!result) print_message("# %s\n", result.error().text.c_str());
    assert_true(static_cast<bool>(result));
}

/// A partition whose first `encrypted` bytes are known, and its header in a file.
class Conversion : public ScratchDirectory {
public:
    explicit Conversion(std::uint32_t sector_size) {
        shape = {path("partition"), path("header"), uuid, *rootfs::cipher_by_name("aes"),
                 sector_size};
        plain.resize(encrypted);
        // Each eight bytes are another number, so that nothing can be in another's place.
        for (std::uint64_t at = 0; at < encrypted; at += sizeof at) {
            const std::uint64_t word = at * 0x9E3779B97F4A7C15U + 1;
            std::memcpy(plain.data() + at, &word, sizeof word);
        }
        write("partition", {reinterpret_cast<const char*>(plain.data()), plain.size()});
        std::filesystem::resize_file(shape.device, device_size);
        auto key = rootfs::format_header(shape);
        if (!key) print_message("# %s\n", key.error().text.c_str());
        assert_true(static_cast<bool>(key));
        add_ways(*key);
        std::filesystem::copy_file(shape.file, finished);
    }

    rootfs::Opener opener(int slot = 0) const { return {slot, view_of(passphrases[slot])}; }

    /// Everything that happens after the header is made, as a boot would do it.
    hsm4::enroll::Done go_on(const rootfs::Progress& progress = {}, int slot = 0) const {
        if (!restored) {
            auto begun =
                rootfs::begin_encryption(shape.file, shape.device, opener(slot), encrypted);
            if (!begun) return begun;
            auto written = rootfs::restore_header(shape.file, shape.device);
            if (!written) return written;
        }
        return rootfs::run_encryption(shape.device, opener(slot), encrypted, finished, progress);
    }

    /// Decrypts by OpenSSL and compares every byte.
    void check() const {
        assert_true(*rootfs::encryption_state(shape.device) == EncryptionState::complete);
        for (const int slot : {0, 1}) {
            auto volume = hsm4::enroll::Volume::open({shape.device, {}});
            assert_true(static_cast<bool>(volume));
            assert_string_equal(volume->uuid().c_str(), uuid.c_str());
            auto opened = volume->open_by_passphrase(view_of(passphrases[slot]), slot);
            assert_true(static_cast<bool>(opened));
            const char* json = nullptr;
            assert_int_equal(crypt_token_json_get(volume->context(), slot, &json), slot);
            if (slot == 0) compare(opened->volume_key.view());
        }
    }

    rootfs::HeaderShape shape;
    const std::string finished = path("finished");
    bool restored = false;

private:
    void add_ways(const hsm4::SecretBytes& key) const {
        auto volume = hsm4::enroll::Volume::open({shape.device, shape.file});
        assert_true(static_cast<bool>(volume));
        crypt_set_pbkdf_type(volume->context(), &hsm4::enroll::pbkdf_for_random_keys());
        for (const int slot : {0, 1}) {
            const std::string text = passphrases[slot];
            assert_int_equal(
                crypt_keyslot_add_by_volume_key(volume->context(), slot,
                                                reinterpret_cast<const char*>(key.view().data()),
                                                key.size(), text.data(), text.size()),
                slot);
            const std::string token =
                R"({"type":"test","keyslots":[")" + std::to_string(slot) + R"("]})";
            assert_int_equal(crypt_token_json_set(volume->context(), slot, token.c_str()), slot);
        }
    }

    void compare(View key) const {
        auto image = hsm4::read_file(shape.device, device_size);
        assert_true(static_cast<bool>(image));
        const View cipher = image->view().subspan(rootfs::header_size, encrypted);
        std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{
            EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
        Bytes out(shape.sector_size);
        for (std::uint64_t at = 0; at < encrypted; at += out.size()) {
            std::uint8_t tweak[16] = {};
            for (std::size_t byte = 0; byte < 8; ++byte)
                tweak[byte] = static_cast<std::uint8_t>(at / 512 >> (8 * byte) & 0xFF);
            int size = 0;
            EVP_DecryptInit_ex(context.get(), EVP_aes_256_xts(), nullptr,
                               reinterpret_cast<const unsigned char*>(key.data()), tweak);
            EVP_DecryptUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                              reinterpret_cast<const unsigned char*>(cipher.data() + at),
                              static_cast<int>(out.size()));
            assert_memory_equal(out.data(), plain.data() + at, out.size());
        }
    }

    Bytes plain;
};

/// Runs `work` in a process that may die. True when it ended by itself, well.
template <class Work>
bool in_a_process(Work work) {
    const pid_t child = fork();
    if (child == 0) _exit(work() ? 0 : 1);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
