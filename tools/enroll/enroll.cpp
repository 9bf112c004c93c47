// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// From options to actions.
#include "tools/enroll/enroll.hpp"

#include <libcryptsetup.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cstdio>
#include <cstdlib>

#include "tools/enroll/add_token.hpp"
#include "tools/enroll/import.hpp"
#include "tools/enroll/interrupt.hpp"
#include "tools/enroll/key_file.hpp"
#include "tools/enroll/leftovers.hpp"
#include "tools/enroll/list.hpp"
#include "tools/enroll/prompt.hpp"
#include "tools/enroll/test.hpp"

namespace hsm4::enroll {

namespace {

/// Keys of this process reach neither swap nor a core dump. Best effort: a small machine may not
/// let it lock memory.
void keep_secrets_in_memory() {
    ::prctl(PR_SET_DUMPABLE, 0);
    ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

Outcome<SecretBytes> existing_key(const Options& options, const Place& place) {
    if (options.unlock_key_file.empty()) return ask("Existing passphrase of " + place.device);
    return read_key_file(options.unlock_key_file);
}

Done enroll(const Options& options, const Place& place) {
    auto looked = Volume::open(place);
    if (!looked) return looked.error();
    auto config = load_config(config_path());
    if (!config) return Problem{config.error()};
    if (!has_leftovers(*looked))
        if (Done first = refuse_second_token(*looked, *config); !first) return first;
    auto key = existing_key(options, place);
    if (!key) return key.error();
    auto held = hold(place);
    if (!held) return held.error();
    // Again, now that nobody else of us changes it.
    auto volume = Volume::open(place);
    if (!volume) return volume.error();
    auto opened = volume->open_by_passphrase(key->view(), CRYPT_ANY_SLOT);
    if (!opened) return opened.error();
    auto cleared = clear_leftovers(*volume, opened->volume_key);
    if (!cleared) return cleared.error();
    if (*cleared > 0) std::printf("Removed what an interrupted run had left behind.\n");
    if (Done first = refuse_second_token(*volume, *config); !first) return first;
    return add_token(*volume, *opened, options);
}

Done act(const Options& options, const Place& place) {
    if (!options.import_locked_key.empty()) return import_locked_key(options, place);
    if (!options.list && !options.test) return enroll(options, place);
    auto volume = Volume::open(place);
    if (!volume) return volume.error();
    if (options.list) return list(*volume);
    return test(*volume);
}

}  // namespace

int run(const Options& options) {
    keep_secrets_in_memory();
    remember_interrupts();
    // The plugin, through which the token is proven, finds the module by the same name.
    if (!options.module_uri.empty()) ::setenv("HSM4_DEVICE", options.module_uri.c_str(), 1);
    int code = exit_done;
    for (const std::string& device : options.devices) {
        Done acted = act(options, {device, options.header});
        if (acted) continue;
        std::fflush(stdout);
        std::fprintf(stderr, "hsm4-enroll: %s\n", acted.error().text.c_str());
        code = acted.error().exit_code;
    }
    return code;
}

}  // namespace hsm4::enroll
