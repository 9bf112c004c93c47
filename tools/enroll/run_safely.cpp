// SPDX-License-Identifier: LGPL-2.1-or-later
// SPDX-FileCopyrightText: 2026 The hsm4 authors
//
// Memory and output of a process with keys.
#include "tools/enroll/run_safely.hpp"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace hsm4::enroll {

void keep_secrets_in_memory() {
    ::prctl(PR_SET_DUMPABLE, 0);
    ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

bool output_is_logged() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat output = {};
    if (stream == nullptr || ::fstat(STDOUT_FILENO, &output) != 0) return false;
    return std::to_string(output.st_dev) + ":" + std::to_string(output.st_ino) == stream;
}

}  // namespace hsm4::enroll
