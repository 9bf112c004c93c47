// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// What the boot scripts of the initramfs ask: `hsm4ctl volume --words` and whether the module
// answers, in a program a third the size of hsm4ctl. For scripts, not for people, so its options
// are not parsed by CLI11.
//
//   boot-facts volume DEVICE [HEADER]   words as `hsm4ctl volume --words` prints them
//   boot-facts module                   0 when the module answers and knows this machine
#include <cstdio>
#include <string_view>

#include "tools/ctl/status.hpp"
#include "tools/ctl/volume.hpp"

int main(int count, char** words) {
    hsm4::ctl::Options options;
    const std::string_view verb = count > 1 ? words[1] : "";
    if (verb == "module" && count == 2) return hsm4::ctl::run_status(options);
    if (verb == "volume" && (count == 3 || count == 4)) {
        options.words = true;
        options.volume = words[2];
        if (count == 4) options.header = words[3];
        return hsm4::ctl::run_volume(options);
    }
    std::fputs("usage: boot-facts volume DEVICE [HEADER] | boot-facts module\n", stderr);
    return hsm4::ctl::exit_usage;
}
