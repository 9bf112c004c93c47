// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Adding a recovery key.
#include "tools/enroll/add_recovery.hpp"

#include <unistd.h>

#include <cstdio>

#include "hsm4/files.hpp"
#include "tools/enroll/escrow.hpp"
#include "tools/enroll/new_way.hpp"
#include "tools/enroll/places.hpp"
#include "tools/enroll/qr_code.hpp"
#include "tools/enroll/recovery_key.hpp"
#include "tools/fault_point.hpp"

namespace hsm4::enroll {

namespace {

constexpr unsigned escrow_mode = 0644;  // encrypted: whoever has the private key may read it

std::string recovery_token(int keyslot) {
    return "{\"type\":\"systemd-recovery\",\"keyslots\":[\"" + std::to_string(keyslot) + "\"]}";
}

Done show(const SecretBytes& key, Report& report) {
    std::string text{reinterpret_cast<const char*>(key.view().data()), key.size()};
    if (report.is_json()) {
        report.tell("recovery-key", text);
    } else {
        std::printf("The recovery key. Write it down; it is not shown again:\n\n    %s\n\n",
                    text.c_str());
        if (::isatty(STDOUT_FILENO) == 1) print_qr_code(key.view());
        std::fflush(stdout);
    }
    wipe(std::as_writable_bytes(std::span{text}));
    if (std::ferror(stdout) != 0)
        return Problem{"the recovery key cannot be shown; where does standard output go?"};
    return done();
}

Done write_escrow(const std::string& path, const std::string& content) {
    fault_point();
    Status written = replace_file(path, view_of(content), escrow_mode);
    if (!written) return Problem{"escrow file " + path + ": " + Problem{written.error()}.text};
    return done();
}

/// The envelope, whose hash `way` remembers; empty without certificates.
Outcome<std::string> seal_for_escrow(View key, const std::vector<std::string>& certificates,
                                     NewWay& way) {
    if (certificates.empty()) return std::string{};
    auto envelope = envelop(key, certificates);
    if (!envelope) return envelope.error();
    auto hash = crypto::sha256(view_of(*envelope));
    if (!hash) return Problem{hash.error()};
    way.escrow = *hash;
    return envelope;
}

}  // namespace

Done check_escrow(const Volume& volume, const Options& options) {
    if (options.escrow_certificates.empty()) return done();
    auto tried = envelop(view_of("x"), options.escrow_certificates);
    if (!tried) return tried.error();
    const std::string path = escrow_path(options.escrow_to, volume.uuid());
    if (::access(path.c_str(), F_OK) == 0)
        return Problem{
            path + " is there already, perhaps the only copy of a recovery key; name another file"};
    return done();
}

Outcome<int> add_recovery(Volume& volume, const SecretBytes& volume_key, const Options& options,
                          Report& report) {
    if (Done ready = check_escrow(volume, options); !ready) return ready.error();
    auto places = free_places(volume);
    if (!places) return places.error();
    auto key = draw_recovery_key();
    if (!key) return Problem{key.error()};
    NewWay way;
    way.keyslot = places->keyslot;
    way.token = places->token;
    way.token_json = recovery_token(places->keyslot);
    way.escrow_file = escrow_path(options.escrow_to, volume.uuid());
    auto envelope = seal_for_escrow(key->view(), options.escrow_certificates, way);
    if (!envelope) return envelope.error();
    way.passphrase = std::move(*key);
    way.prove = [&](Volume& changed) -> Done {
        auto opened = changed.open_by_passphrase(way.passphrase.view(), way.keyslot);
        return opened ? done() : Done{opened.error()};
    };
    way.before_it_counts = [&](Volume&) -> Done {
        if (way.escrow)
            if (Done kept = write_escrow(way.escrow_file, *envelope); !kept) return kept;
        return options.recovery_key ? show(way.passphrase, report) : done();
    };
    if (Done added = add_way(volume, volume_key, way); !added) return added.error();
    report.set("recovery-keyslot", way.keyslot);
    report.say("New recovery key enrolled as key slot " + std::to_string(way.keyslot) + " of " +
               volume.place().device + ".");
    if (way.escrow) report.say("Its escrow is in " + way.escrow_file + ".");
    return way.keyslot;
}

}  // namespace hsm4::enroll
