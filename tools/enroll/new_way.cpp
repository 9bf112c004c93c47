// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// The transaction that adds a key slot and its token.
#include "tools/enroll/new_way.hpp"

#include <libcryptsetup.h>
#include <sys/sysinfo.h>

#include <algorithm>

#include "tools/enroll/header_backup.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/enroll/leftovers.hpp"
#include "tools/enroll/mark.hpp"
#include "tools/fault_point.hpp"

namespace hsm4::enroll {

namespace {

Done write_token(Volume& volume, int token, const Result<std::string>& json) {
    if (!json) return Problem{json.error()};
    if (Done on = go_on(); !on) return on;
    fault_point();
    volume.forget_said();
    const int written = crypt_token_json_set(volume.context(), token, json->c_str());
    if (written < 0)
        return volume.problem("token of " + volume.place().device + " cannot be written", written);
    return done();
}

Done write_keyslot(Volume& volume, const SecretBytes& volume_key, const NewWay& way) {
    if (Done on = go_on(); !on) return on;
    fault_point();
    volume.forget_said();
    int added = crypt_set_pbkdf_type(volume.context(), &way.pbkdf);
    if (added >= 0)
        added = crypt_keyslot_add_by_volume_key(
            volume.context(), way.keyslot, reinterpret_cast<const char*>(volume_key.view().data()),
            volume_key.size(), reinterpret_cast<const char*>(way.passphrase.view().data()),
            way.passphrase.size());
    if (added < 0)
        return volume.problem("key slot of " + volume.place().device + " cannot be written", added);
    return done();
}

Done write_all(Volume& volume, const SecretBytes& volume_key, const NewWay& way) {
    auto mark = make_mark(way.keyslot, way.passphrase.view(), volume_key.view());
    if (!mark) return Problem{mark.error()};
    mark->escrow = way.escrow;
    if (Done wrote = write_token(volume, way.token, pending_token_json(*mark)); !wrote)
        return wrote;
    if (Done wrote = write_keyslot(volume, volume_key, way); !wrote) return wrote;
    if (Done wrote = write_token(volume, way.token, with_mark(way.token_json, *mark)); !wrote)
        return wrote;
    if (Done proven = way.prove(volume); !proven) return proven;
    if (way.before_it_counts)
        if (Done ready = way.before_it_counts(volume); !ready) return ready;
    return write_token(volume, way.token, way.token_json);
}

/// With a context of its own: a failed write leaves the old one in disagreement with the disk.
Done take_back(const Place& place, const SecretBytes& volume_key, const NewWay& way) {
    auto volume = Volume::open(place);
    if (!volume) return volume.error();
    auto cleared =
        clear_leftovers(*volume, &volume_key, way.escrow ? way.escrow_file : std::string{});
    if (!cleared) return cleared.error();
    // Only when the very last write failed after it had reached the disk.
    for (const RawToken& token : volume->tokens()) {
        if (token.id != way.token || token.keyslots != std::vector<int>{way.keyslot}) continue;
        if (!volume->open_by_passphrase(way.passphrase.view(), way.keyslot)) continue;
        if (Done gone = remove_keyslot(*volume, way.keyslot); !gone) return gone;
        return remove_token(*volume, way.token);
    }
    return done();
}

}  // namespace

const crypt_pbkdf_type& pbkdf_for_random_keys() {
    static constexpr crypt_pbkdf_type cheap = {CRYPT_KDF_PBKDF2,        "sha512", 0, 1000, 0, 0,
                                               CRYPT_PBKDF_NO_BENCHMARK};
    return cheap;
}

crypt_pbkdf_type pbkdf_for_pins() {
    constexpr std::uint64_t most_kb = 1U << 20;
    constexpr std::uint32_t most_threads = 4;
    struct sysinfo machine = {};
    ::sysinfo(&machine);
    const std::uint64_t quarter_kb = std::uint64_t{machine.totalram} * machine.mem_unit / 4 / 1024;
    const auto threads = static_cast<std::uint32_t>(::get_nprocs());
    crypt_pbkdf_type slow = {};
    slow.type = CRYPT_KDF_ARGON2ID;
    slow.hash = "sha512";  // cryptsetup's own is sha256, so a key it changes later is recognised
    slow.time_ms = 1000;
    slow.max_memory_kb = static_cast<std::uint32_t>(std::min(quarter_kb, most_kb));
    slow.parallel_threads = std::min(threads, most_threads);
    return slow;
}

Done add_way(Volume& volume, const SecretBytes& volume_key, const NewWay& way) {
    auto backup = HeaderBackup::take(volume);
    if (!backup) return backup.error();
    Done wrote = write_all(volume, volume_key, way);
    if (wrote) return wrote;
    Done undone = take_back(volume.place(), volume_key, way);
    if (!undone) undone = backup->restore_if_lost(volume.place());
    if (undone) return wrote;
    return Problem{wrote.error().text + "; undoing it failed as well: " + undone.error().text +
                   "; run hsm4-enroll again"};
}

}  // namespace hsm4::enroll
