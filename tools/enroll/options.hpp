// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the command line asks for.
#pragma once

#include <string>
#include <vector>

namespace hsm4::enroll {

struct Options {
    std::vector<std::string> devices;
    std::string header;      ///< detached header, or empty
    std::string module_uri;  ///< --hsm4-device, or empty

    // The way in that exists.
    std::string unlock_key_file;  ///< "-" is standard input; empty: ask
    bool unlock_hsm4 = false;
    std::string unlock_pin_file;  ///< the current PIN; empty: ask

    // What to do.
    bool list = false;
    bool test = false;
    bool all = false;  ///< with list and test: every volume of the machine
    bool rotate = false;
    bool ahead = false;  ///< for the module's next generation
    bool ensure = false;
    bool with_pin = false;
    bool change_pin = false;
    bool recovery_key = false;
    std::vector<std::string> escrow_certificates;
    std::vector<std::string> wipe;  ///< words and numbers
    std::string import_locked_key;  ///< a vendor's locked key, or empty

    std::string pin_file;       ///< the new PIN; empty: ask
    std::string escrow_to;      ///< %u is the volume's UUID
    std::string header_backup;  ///< likewise

    // How.
    bool dry_run = false;
    bool json = false;
    bool no_prompt = false;

    bool adds_recovery() const { return recovery_key || !escrow_certificates.empty(); }
    /// Everything but these adds or replaces a token of the module.
    bool adds_token() const {
        if (rotate || ensure || ahead || with_pin || change_pin) return true;
        return !list && !test && !adds_recovery() && wipe.empty() && import_locked_key.empty();
    }
};

}  // namespace hsm4::enroll
